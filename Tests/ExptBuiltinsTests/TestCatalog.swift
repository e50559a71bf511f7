import ExptBuiltins
import ExptComponents

/// The built-in components.
let builtins: Catalog = {
  do { return try Catalog(Catalog.builtins) } catch { preconditionFailure("\(error)") }
}()
