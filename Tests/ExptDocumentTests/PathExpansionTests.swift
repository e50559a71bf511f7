import ExptDocument
import Testing

@Suite("Paths as people write them")
struct PathExpansionTests {
  private let expansion = PathExpansion { name in
    ["HOME": "/home/ada", "DATA": "/big data", "SET": "faces", "EMPTY": "", "BACK": "~/x"][name]
  }

  @Test(arguments: [
    ("plain/x.npy", "plain/x.npy"), ("", ""), ("~", "/home/ada"), ("~/x", "/home/ada/x"),
    ("./~x", "./~x"), ("a~b", "a~b"), ("x/~", "x/~"),
    ("$DATA/x", "/big data/x"), ("${DATA}", "/big data"), ("a/${SET}.npz", "a/faces.npz"),
    ("$DATA/$SET-1", "/big data/faces-1"), ("${BACK}/y", "/home/ada/x/y"),
    ("${oc.env:DATA}/x", "/big data/x"), ("${oc.env:DATA,/y}", "/big data"),
    ("${oc.env:NONE,~/y}/x", "/home/ada/y/x"), ("${oc.env:EMPTY, '/y z' }", "/y z"),
    ("${oc.env:NONE,${oc.env:NADA,${SET}}}", "faces"), ("${oc.env:NONE,}x", "x"),
    ("cost$$5", "cost$5"), ("$5", "$5"), ("x$", "x$"), ("a$-b", "a$-b"), ("$$DATA", "$DATA"),
    ("größe/$SET", "größe/faces"),
  ])
  func `are expanded`(_ written: String, _ expanded: String) throws {
    #expect(try expansion.expand(written) == expanded)
  }

  @Test(arguments: [
    ("$NONE/x", "the environment variable 'NONE' is not set"),
    ("${EMPTY}/x", "the environment variable 'EMPTY' is not set"),
    ("${oc.env:NONE}", "the environment variable 'NONE' is not set"),
    ("${oc.env:NONE,$NADA}", "the environment variable 'NADA' is not set"),
    ("${dataset.root}/x", "'${dataset.root}' is not expanded"),
    ("${now:%Y}", "'${now:%Y}' is not expanded"), ("${}", "'${}' is not expanded"),
    ("${oc.env:}", "'${oc.env:}' is not expanded"), ("${1}", "'${1}' is not expanded"),
    ("${DATA", "'${DATA' has no closing '}'"),
    ("${oc.env:A,${B}", "'${oc.env:A,${B}' has no closing '}'"),
    ("~bob/x", "'~bob/x' begins with '~', and only '~/' is expanded"),
  ])
  func `that cannot be expanded are refused`(_ written: String, _ message: String) {
    #expect { try expansion.expand(written) } throws: { error in
      (error as? PathExpansion.Problem)?.message == message
    }
  }

  @Test func `of any nesting end`() {
    let deep =
      String(repeating: "${oc.env:NONE,", count: 3000) + String(repeating: "}", count: 3000)
    #expect(throws: PathExpansion.Problem.self) { try expansion.expand(deep) }
  }

  @Test func `name what a file extends`() {
    #expect(
      report("extends: ${NO_SUCH_VARIABLE}/base.yaml") == """
        f.yaml:1:10: error: 'extends' is the text '${NO_SUCH_VARIABLE}/base.yaml': the environment \
        variable 'NO_SUCH_VARIABLE' is not set
          1 | extends: ${NO_SUCH_VARIABLE}/base.yaml
            |          ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~
            | set it, or write the path in full; '$' refers to environment variables only
        1 error
        """)
  }

  @Test func `need quotes among brackets`() {
    #expect(report("dataset: { path: ${DATA} }").contains("'${' needs quotes within [ ] and { }"))
  }
}
