import ExptComponents
import ExptDocument
import Testing

/// Whole messages, as a user sees them.
@Suite("Mistakes in settings")
struct MessageTests {
  private func expect(
    _ text: String, overrides: [String] = [], gives messages: String,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) throws {
    let reading = try reading(text, overrides: overrides)
    #expect(reading.messages == messages, sourceLocation: sourceLocation)
    #expect(
      reading.gadget == nil, "nothing is made of settings with mistakes",
      sourceLocation: sourceLocation)
  }

  @Test func `an unknown key has a suggestion`() throws {
    try expect(
      "gadget:\n  type: gadget\n  lerning_rate: 3\n",
      gives: """
        test.yaml:3:3: error: output 'gadget' has no setting 'lerning_rate'
          3 |   lerning_rate: 3
            |   ^~~~~~~~~~~~ did you mean 'learning_rate'?
        1 error
        """)
  }

  @Test func `a key unlike all others gets the list`() throws {
    try expect(
      "gadget: {type: gadget, beta: {type: rising, to: 1, zebra: 2}}\n",
      gives: """
        test.yaml:1:52: error: schedule 'rising' has no setting 'zebra'
          1 | gadget: {type: gadget, beta: {type: rising, to: 1, zebra: 2}}
            |                                                    ^~~~~ available: to
        1 error
        """)
    try expect(
      "gadget: {type: gadget, beta: {type: fixed, zebra: 2}}\n",
      gives: """
        test.yaml:1:44: error: schedule 'fixed' has no setting 'zebra'
          1 | gadget: {type: gadget, beta: {type: fixed, zebra: 2}}
            |                                            ^~~~~ it has no settings
        1 error
        """)
  }

  @Test func `wrong types quote what was written`() throws {
    try expect(
      """
      gadget:
        type: gadget
        count: 1.5
        seed: -1
        learning_rate: fast
        share: .inf
        is_on: yes
        label: [a]
        hidden: [400, 2e2]
        clip: 1e300
        mode: treshold
        modes: [none, all]
        more: 3
        beta: [1]
        spare: {to: 1}
        schedules: fixed
      """,
      gives: """
        test.yaml:3:10: error: 'count' must be a whole number, not the number 1.5
          3 |   count: 1.5
            |          ^~~
        test.yaml:4:9: error: 'seed' must be a whole number from 0 to 2^64 - 1, not the number -1
          4 |   seed: -1
            |         ^~
        test.yaml:5:18: error: 'learning_rate' must be a number, not the text 'fast'
          5 |   learning_rate: fast
            |                  ^~~~
        test.yaml:6:10: error: 'share' must be a finite number, not the number .inf
          6 |   share: .inf
            |          ^~~~
        test.yaml:7:10: error: 'is_on' must be true or false, not the text 'yes'
          7 |   is_on: yes
            |          ^~~ write true
        test.yaml:8:10: error: 'label' must be text, not a list of 1
          8 |   label: [a]
            |          ^~~
        test.yaml:9:17: error: 'hidden[1]' must be a whole number, not the number 2e2
          9 |   hidden: [400, 2e2]
            |                 ^~~ write 200
        test.yaml:10:9: error: 'clip' must be a number of at most 3.4e38, not the number 1e300
          10 |   clip: 1e300
             |         ^~~~~
        test.yaml:11:9: error: 'mode' must be one of none, threshold, stochastic, not the text 'treshold'
          11 |   mode: treshold
             |         ^~~~~~~~ did you mean 'threshold'?
        test.yaml:12:17: error: 'modes[1]' must be one of none, threshold, stochastic, not the text 'all'
          12 |   modes: [none, all]
             |                 ^~~
        test.yaml:13:9: error: 'more' must be a mapping of settings, not the number 3
          13 |   more: 3
             |         ^
        test.yaml:14:9: error: 'beta' must be a schedule or a number, not a list of 1
          14 |   beta: [1]
             |         ^~~
        test.yaml:15:10: error: 'gadget.spare' does not say which schedule it is
          15 |   spare: {to: 1}
             |          ^~~~~~~ add 'type:' with one of constant, fixed, rising
        test.yaml:16:14: error: 'schedules' must be a list, each entry a schedule or a number, not the text 'fixed'
          16 |   schedules: fixed
             |              ^~~~~
        14 errors
        """)
  }

  @Test func `numbers out of range are shown at the number`() throws {
    try expect(
      """
      gadget:
        type: gadget
        count: 0
        learning_rate: 0
        share: 1.5
        hidden:
          - 400
          - 0
        clip: -0.1
        beta: -1
        schedules: [fixed, 11]
      """,
      gives: """
        test.yaml:3:10: error: 'count' must be from 1 to 100, not 0
          3 |   count: 0
            |          ^
        test.yaml:4:18: error: 'learning_rate' must be above 0, not 0
          4 |   learning_rate: 0
            |                  ^
        test.yaml:5:10: error: 'share' must be above 0 and at most 1, not 1.5
          5 |   share: 1.5
            |          ^~~
        test.yaml:8:7: error: 'hidden[1]' must be at least 1, not 0
          8 |     - 0
            |       ^
        test.yaml:9:9: error: 'clip' must be above 0, not -0.1
          9 |   clip: -0.1
            |         ^~~~
        test.yaml:10:9: error: 'beta' must be from 0 to 10, not -1
          10 |   beta: -1
             |         ^~
        test.yaml:11:22: error: 'schedules[1]' must be from 0 to 10, not 11
          11 |   schedules: [fixed, 11]
             |                      ^~
        7 errors
        """)
  }

  @Test func `unknown and missing components`() throws {
    try expect(
      """
      gadget:
        type: gadget
        beta: risin
        spare: {type: quadratic}
        schedules: [{to: 1}, true, {type: 3}]
        more: {inner: {slope: rising}}
      """,
      gives: """
        test.yaml:3:9: error: there is no schedule 'risin'
          3 |   beta: risin
            |         ^~~~~ did you mean 'rising'? available: constant, fixed, rising
        test.yaml:4:17: error: there is no schedule 'quadratic'
          4 |   spare: {type: quadratic}
            |                 ^~~~~~~~~ available: constant, fixed, rising
        test.yaml:5:15: error: 'gadget.schedules[0]' does not say which schedule it is
          5 |   schedules: [{to: 1}, true, {type: 3}]
            |               ^~~~~~~ add 'type:' with one of constant, fixed, rising
        test.yaml:5:24: error: 'schedules[1]' must be a schedule or a number, not true
          5 |   schedules: [{to: 1}, true, {type: 3}]
            |                        ^~~~
        test.yaml:5:37: error: 'type' must be the name of a schedule, not the number 3
          5 |   schedules: [{to: 1}, true, {type: 3}]
            |                                     ^
        test.yaml:6:25: error: 'gadget.more.inner.slope.to' is missing
          6 |   more: {inner: {slope: rising}}
            |                         ^~~~~~ add 'to:'. β at the end.
        6 errors
        """)
    try expect(
      "gadget: {count: 3}",
      gives: """
        test.yaml:1:9: error: 'gadget' does not say which output it is
          1 | gadget: {count: 3}
            |         ^~~~~~~~~~ add 'type:' with one of gadget
        1 error
        """)
    try expect(
      "gadget: {type: widget}",
      gives: """
        test.yaml:1:16: error: there is no output 'widget'
          1 | gadget: {type: widget}
            |                ^~~~~~ did you mean 'gadget'? available: gadget
        1 error
        """)
    try expect(
      "gadget: 3",
      gives: """
        test.yaml:1:9: error: 'gadget' must be an output, not the number 3
          1 | gadget: 3
            |         ^
        1 error
        """)
  }

  @Test func `a missing setting is shown at what it is missing from`() throws {
    try expect(
      "gadget:\n  type: gadget\n  beta:\n    type: rising\n",
      gives: """
        test.yaml:4:5: error: 'gadget.beta.to' is missing
          4 |     type: rising
            |     ^~~~~~~~~~~~ add 'to:'. β at the end.
        1 error
        """)
  }

  @Test func `settings that do not fit together`() throws {
    try expect(
      "gadget:\n  type: gadget\n  count: 13\n  width: 9\n",
      gives: """
        test.yaml:3:10: error: 13 is unlucky
          3 |   count: 13
            |          ^~ write 12
        test.yaml:4:10: error: 'width' 9 is above 'height' 8
          4 |   width: 9
            |          ^
        2 errors
        """)
    try expect(
      "gadget:\n  type: gadget\n  height: 7\n",
      gives: """
        test.yaml:2:3: error: 'width' 8 is above 'height' 7
          2 |   type: gadget
            |   ^~~~~~~~~~~~
        1 error
        """)
  }

  @Test func `checks together wait until each setting is right`() throws {
    try expect(
      "gadget: {type: gadget, count: 13, label: []}",
      gives: """
        test.yaml:1:42: error: 'label' must be text, not an empty list
          1 | gadget: {type: gadget, count: 13, label: []}
            |                                          ^~
        1 error
        """)
  }

  @Test func `a warning does not stop`() throws {
    let reading = try reading("gadget: {type: gadget, label: 3}")
    #expect(reading.gadget != nil)
    #expect(
      reading.messages == """
        test.yaml:1:31: warning: the label is the count
          1 | gadget: {type: gadget, label: 3}
            |                               ^
        1 warning
        """)
  }

  @Test func `mistakes in overrides are shown in the argument`() throws {
    try expect(
      "gadget: {type: gadget}",
      overrides: ["gadget.conut=1", "gadget.beta=-1", "gadget.hidden=[1,0]"],
      gives: """
        --set:1:8: error: output 'gadget' has no setting 'conut'
          1 | gadget.conut=1
            |        ^~~~~ did you mean 'count'?
        --set:1:13: error: 'beta' must be from 0 to 10, not -1
          1 | gadget.beta=-1
            |             ^~
        --set:1:18: error: 'hidden[1]' must be at least 1, not 0
          1 | gadget.hidden=[1,0]
            |                  ^
        3 errors
        """)
  }

  @Test func `several mistakes come in file order`() throws {
    try expect(
      """
      gadget:
        type: gadget
        zebra: 1
        beta: {type: rising, two: 1}
        hidden: 3
        more:
          depth: 9
          lion: 2
        count: many
      """,
      gives: """
        test.yaml:3:3: error: output 'gadget' has no setting 'zebra'
          3 |   zebra: 1
            |   ^~~~~
            | available: count, seed, learning_rate, share, is_on, label, hidden, clip, mode, modes, more, width, height, beta, spare, schedules
        test.yaml:4:9: error: 'gadget.beta.to' is missing
          4 |   beta: {type: rising, two: 1}
            |         ^~~~~~~~~~~~~~~~~~~~~~ add 'to:'. β at the end.
        test.yaml:4:24: error: schedule 'rising' has no setting 'two'
          4 |   beta: {type: rising, two: 1}
            |                        ^~~ did you mean 'to'?
        test.yaml:5:11: error: 'hidden' must be a list, each entry a whole number, not the number 3
          5 |   hidden: 3
            |           ^ write [3]
        test.yaml:7:12: error: 'depth' must be from 0 to 5, not 9
          7 |     depth: 9
            |            ^
        test.yaml:8:5: error: 'more' has no setting 'lion'
          8 |     lion: 2
            |     ^~~~ available: depth, inner
        test.yaml:9:10: error: 'count' must be a whole number, not the text 'many'
          9 |   count: many
            |          ^~~~
        7 errors
        """)
  }
}
