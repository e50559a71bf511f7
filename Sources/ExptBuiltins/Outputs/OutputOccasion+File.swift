import ExptComponents
import ExptFiles

extension OutputOccasion {
  /// Whether this is an N-th epoch or the last.
  func isDue(every: Int) -> Bool { epoch % every == 0 || epoch == epochs }

  /// The path of this epoch's file: `<run>/images/traversals-epoch-0010.pgm`. Makes its folder.
  func file(_ subfolder: String, _ name: String, _ ending: String) throws(FileProblem) -> String {
    let place = FilePath.join(folder, subfolder)
    try ExclusiveFolder.makeAll(place)
    let digits = String(epoch)
    let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    return FilePath.join(place, "\(name)-epoch-\(padded).\(ending)")
  }
}
