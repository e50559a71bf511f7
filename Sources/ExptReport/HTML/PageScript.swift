/// The one script of a page: it shows the values under the pointer. Without it the curves still
/// show, and their last values stand in the legend.
enum PageScript {
  /// Each chart has its numbers in `data-chart`: the frame in the drawing's units, the range of x,
  /// and for each series its name and points.
  static let hover: Markup = #"""
    (function () {
      var tip = document.createElement('div');
      tip.id = 'tip';
      document.body.appendChild(tip);
      function hide(line) { tip.style.visibility = 'hidden'; line.style.visibility = 'hidden'; }
      document.querySelectorAll('svg[data-chart]').forEach(function (svg) {
        var chart = JSON.parse(svg.getAttribute('data-chart'));
        var line = svg.querySelector('.cursor');
        svg.addEventListener('pointermove', function (event) {
          var box = svg.getBoundingClientRect();
          var unit = chart.width / box.width;
          var share = ((event.clientX - box.left) * unit - chart.left) / chart.plot;
          if (share < -0.02 || share > 1.02) { hide(line); return; }
          var x = chart.low + share * (chart.high - chart.low);
          var at = null;
          chart.series.forEach(function (s) {
            s.x.forEach(function (value) {
              if (at === null || Math.abs(value - x) < Math.abs(at - x)) at = value;
            });
          });
          if (at === null) return;
          var text = [chart.axis + ' ' + at];
          chart.series.forEach(function (s) {
            var place = s.x.indexOf(at);
            if (place >= 0 && s.y[place] !== null) text.push(s.name + '  ' + s.y[place]);
          });
          tip.textContent = text.join('\n');
          var pixel = chart.left + (at - chart.low) / ((chart.high - chart.low) || 1) * chart.plot;
          line.setAttribute('x1', pixel);
          line.setAttribute('x2', pixel);
          line.style.visibility = 'visible';
          tip.style.visibility = 'visible';
          var right = event.clientX + 14 + tip.offsetWidth > window.innerWidth;
          tip.style.left = (right ? event.clientX - 14 - tip.offsetWidth : event.clientX + 14) + 'px';
          tip.style.top = Math.min(event.clientY + 14, window.innerHeight - tip.offsetHeight - 4) + 'px';
        });
        svg.addEventListener('pointerleave', function () { hide(line); });
      });
    })();
    """#
}
