/// How files become images. The same file may come to mean other numbers in a later version; a run
/// keeps the edition that it began with, so that going on with it, or evaluating it, reads its data as
/// they were then.
public enum DataEdition: Int, Sendable, Comparable {
  /// Whole numbers of only 0 and 1 are levels of 255, shares of test images are rounded down,
  /// `labels: null` of an `npz` dataset looks for labels under their usual names, validation images
  /// that nobody named are skipped, and labels are part of the fingerprint.
  case first = 1
  /// JPEG files in a folder of images are skipped, and images are stretched to their new size.
  case second
  /// As the datasets' own documentation says.
  case third

  public static let current = DataEdition.third

  public static func < (a: DataEdition, b: DataEdition) -> Bool { a.rawValue < b.rawValue }
}
