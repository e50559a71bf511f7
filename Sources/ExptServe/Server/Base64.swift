import Foundation

extension [UInt8] {
  /// Source: RFC 4648, section 4.
  var base64: String { Data(self).base64EncodedString() }
}
