/// The script of a report's charts: it shows the values under the pointer. Without it the curves still
/// show, and their last values stand in the legend. The live page uses the same, for charts that come
/// later: `exptCharts.attach(element)`.
enum PageScript {
  /// Each chart has its numbers in `data-chart`: the frame in the drawing's units, the range of x,
  /// and for each series its name and points.
  static let hover: Markup = #"""
    window.exptCharts = (function () {
      var tip = document.createElement('div');
      tip.id = 'tip';
      document.body.appendChild(tip);
      function hide(line) { tip.style.visibility = 'hidden'; line.style.visibility = 'hidden'; }
      // Where on the axis the pointer is, and back.
      function valueAt(chart, svg, clientX) {
        var box = svg.getBoundingClientRect();
        var share = ((clientX - box.left) * chart.width / box.width - chart.left) / chart.plot;
        return { share: share, x: scale(chart).from(share) };
      }
      function scale(chart) {
        var log = chart.logarithmic;
        var low = log ? Math.log(chart.low) : chart.low;
        var high = log ? Math.log(chart.high) : chart.high;
        return {
          from: function (share) {
            var value = low + share * (high - low);
            return log ? Math.exp(value) : value;
          },
          to: function (x) { return ((log ? Math.log(x) : x) - low) / ((high - low) || 1); }
        };
      }
      function nearest(values, x) {
        var best = 0;
        values.forEach(function (value, place) {
          if (Math.abs(value - x) < Math.abs(values[best] - x)) best = place;
        });
        return best;
      }
      function attachOne(svg) {
        var chart = JSON.parse(svg.getAttribute('data-chart'));
        var line = svg.querySelector('.cursor');
        svg.addEventListener('pointermove', function (event) {
          var pointed = valueAt(chart, svg, event.clientX);
          if (pointed.share < -0.02 || pointed.share > 1.02) { hide(line); return; }
          var at = null;
          chart.series.forEach(function (s) {
            var value = s.x[nearest(s.x, pointed.x)];
            if (at === null || Math.abs(value - pointed.x) < Math.abs(at - pointed.x)) at = value;
          });
          if (at === null) return;
          var text = [chart.axis + ' ' + at];
          chart.series.forEach(function (s) {
            var place = nearest(s.x, at);
            var apart = Math.abs(scale(chart).to(s.x[place]) - scale(chart).to(at)) * chart.plot;
            if (apart < 6 && s.y[place] !== null) text.push(s.name + '  ' + s.y[place]);
          });
          tip.textContent = text.join('\n');
          var pixel = chart.left + scale(chart).to(at) * chart.plot;
          line.setAttribute('x1', pixel);
          line.setAttribute('x2', pixel);
          line.style.visibility = 'visible';
          tip.style.visibility = 'visible';
          var right = event.clientX + 14 + tip.offsetWidth > window.innerWidth;
          var left = right ? event.clientX - 14 - tip.offsetWidth : event.clientX + 14;
          tip.style.left = Math.max(4, left) + 'px';
          tip.style.top = Math.min(event.clientY + 14, window.innerHeight - tip.offsetHeight - 4) + 'px';
        });
        svg.addEventListener('pointerleave', function () { hide(line); });
      }
      function attach(root) { root.querySelectorAll('svg[data-chart]').forEach(attachOne); }
      attach(document);
      return { attach: attach, valueAt: valueAt };
    })();
    """#
}
