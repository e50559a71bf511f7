import ExptDocument

/// The components an experiment file can name. Immutable: there is no global registry.
public struct Catalog: Sendable {
  public let components: [any Component.Type]
  /// The roles that come with expt, then those that its components bring.
  public private(set) var roles = AnyRole.builtins

  /// No components.
  public init() { components = [] }

  /// - Throws: A diagnostic naming both types if two of one role share an id, or if a
  ///   component has no role.
  public init(_ components: [any Component.Type]) throws(Diagnostics) {
    try self.init([], adding: components)
  }

  /// A catalog of components that are known to fit each other, and some that are not.
  ///
  /// To ask every component for every role takes 20 ms of each start of the program, so that only
  /// the added ones are asked, and known ones of the same id.
  public init(
    _ known: [any Component.Type], adding components: [any Component.Type]
  ) throws(Diagnostics) {
    let ids = Set(components.flatMap { $0.ids })
    var problems: [Diagnostic] = []
    var seen: [String: any Component.Type] = [:]
    for type in known.filter({ !ids.isDisjoint(with: $0.ids) }) + components {
      let roles = type.roles
      if roles.isEmpty {
        problems.append(
          .error(
            .noRole, "\(type) has no role",
            help: "make it conform to Model, Dataset or another role"
          ))
      }
      for role in roles {
        if !self.roles.contains(where: { $0.name == role.name }) { self.roles.append(role) }
        for id in type.ids {
          guard let other = seen.updateValue(type, forKey: "\(role.name)/\(id)") else { continue }
          problems.append(
            .error(
              .duplicateComponent, "\(other) and \(type) are both the \(role.title) '\(id)'",
              help: "change the id of one of them"))
        }
      }
    }
    guard problems.isEmpty else { throw Diagnostics(problems) }
    self.components = known + components
  }

  /// A new component of each id of a role, with its defaults, by id.
  public func components(role name: String) -> [any Component] {
    types(role: name).flatMap { type in type.ids.map { type.init(id: $0) } }
      .sorted { $0.id < $1.id }
  }

  public func ids(role: String) -> [String] { types(role: role).flatMap { $0.ids }.sorted() }

  /// The components of a role that have a setting of this name.
  func ids(role: String, withSetting name: String) -> [String] {
    components(role: role).filter { $0.keys.contains(name) }.map(\.id)
  }

  /// A new component with its defaults; nil if the role has none of this id.
  public func find(_ id: String, role name: String) -> (any Component)? {
    guard let role = role(name) else { return nil }
    return components.first { $0.ids.contains(id) && role.includes($0) }?.init(id: id)
  }

  private func types(role name: String) -> [any Component.Type] {
    role(name).map { components.filter($0.includes) } ?? []
  }

  private func role(_ name: String) -> AnyRole? { roles.first { $0.name == name } }
}
