// The one file of this module that talks to the operating system. Each call retries EINTR and
// turns a refusal into a `FileProblem`; the calls that change the disk first ask `FaultPlan`.

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// An open file descriptor, closed with the object.
package final class Descriptor: Sendable {
  package let number: Int32
  let path: String
  init(_ number: Int32, path: String) {
    self.number = number
    self.path = path
  }
  deinit { _ = close(number) }
}

enum SystemCalls {
  /// The last error of the C library as a sentence's end, for example "No space left on device".
  private static func reason(_ code: Int32) -> String {
    guard let text = strerror(code) else { return "error \(code)" }
    return String(cString: text)
  }

  private static func again(_ call: () -> Int) -> Int {
    while true {
      let result = call()
      if result >= 0 || errno != EINTR { return result }
    }
  }

  private static func problem(
    _ code: FileProblem.Code, _ what: String, _ path: String, _ number: Int32 = errno
  ) -> FileProblem {
    switch number {
    case ENOENT where code == .unreadable:
      return FileProblem(
        .missing, "there is no such file or folder." + FilePath.remark(onMissing: path), path: path)
    case EEXIST:
      return FileProblem(.taken, "it already exists.", path: path)
    default:
      return FileProblem(code, "cannot \(what): \(reason(number)).", path: path)
    }
  }

  // MARK: Reading

  /// Opens for reading. Never blocks, even on a pipe.
  static func openForReading(_ path: String) throws(FileProblem) -> Descriptor {
    try checkName(path)
    let number = again { Int(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) }
    guard number >= 0 else { throw problem(.unreadable, "open it for reading", path) }
    return Descriptor(Int32(number), path: path)
  }

  /// The size in bytes of an open plain file.
  static func sizeOfPlainFile(_ file: Descriptor) throws(FileProblem) -> Int {
    var info = stat()
    guard fstat(file.number, &info) == 0 else {
      throw problem(.unreadable, "inspect it", file.path)
    }
    switch info.st_mode & S_IFMT {
    case S_IFREG: return Int(info.st_size)
    case S_IFDIR: throw FileProblem(.unreadable, "this is a folder, not a file.", path: file.path)
    default: throw FileProblem(.unreadable, "this is not a regular file.", path: file.path)
    }
  }

  /// What changes when an open file does: its size, and when it was last written, in nanoseconds.
  struct Stamp: Sendable, Hashable {
    let size: Int
    let written: SIMD2<Int64>
  }

  static func stamp(_ file: Descriptor) throws(FileProblem) -> Stamp {
    var info = stat()
    guard fstat(file.number, &info) == 0 else {
      throw problem(.unreadable, "inspect it", file.path)
    }
    #if canImport(Darwin)
      let time = info.st_mtimespec
    #else
      let time = info.st_mtim
    #endif
    return Stamp(size: Int(info.st_size), written: [Int64(time.tv_sec), Int64(time.tv_nsec)])
  }

  /// Fills `target` from `offset` on; returns how many bytes there were.
  static func read(
    _ file: Descriptor, at offset: Int, into target: UnsafeMutableRawBufferPointer
  ) throws(FileProblem) -> Int {
    guard let base = target.baseAddress else { return 0 }
    var done = 0
    while done < target.count {
      let count = again {
        pread(file.number, base + done, target.count - done, off_t(offset + done))
      }
      guard count >= 0 else { throw problem(.unreadable, "read it", file.path) }
      if count == 0 { break }
      done += count
    }
    return done
  }

  /// The file's bytes up to `limit`, whatever size it claims (those under /proc claim none).
  static func readToEnd(_ file: Descriptor, limit: Int) throws(FileProblem) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: limit)
    var problem: FileProblem?
    let count = bytes.withUnsafeMutableBytes { buffer in
      do throws(FileProblem) { return try read(file, at: 0, into: buffer) } catch {
        problem = error
        return 0
      }
    }
    if let problem { throw problem }
    return Array(bytes[..<count])
  }

  static func exists(_ path: String) -> Bool {
    var info = stat()
    return stat(path, &info) == 0
  }

  static func isFolder(_ path: String) -> Bool {
    var info = stat()
    return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
  }

  /// Whether a path leads to something that is there and neither a plain file nor a folder: a
  /// device, a pipe, a socket.
  /// The folder that relative paths start from; nil if it was removed.
  static var workingFolder: String? {
    guard let path = getcwd(nil, 0) else { return nil }
    defer { free(path) }
    return String(cString: path)
  }

  static func isDevice(_ path: String) -> Bool {
    var info = stat()
    guard stat(path, &info) == 0 else { return false }
    return info.st_mode & S_IFMT != S_IFREG && info.st_mode & S_IFMT != S_IFDIR
  }

  /// The plain file that a symbolic link leads to; `path` itself where it is none or leads nowhere.
  static func linkTarget(_ path: String) -> String {
    var info = stat()
    guard lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFLNK,
      let resolved = realpath(path, nil)
    else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// The path without any symbolic link in it; nil where it leads nowhere.
  static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// The stamp of a plain file; nil where there is none.
  static func stamp(_ path: String) -> FileStamp? {
    var info = stat()
    guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return nil }
    #if canImport(Darwin)
      let (modified, changed) = (info.st_mtimespec, info.st_ctimespec)
    #else
      let (modified, changed) = (info.st_mtim, info.st_ctim)
    #endif
    return FileStamp(
      size: Int64(info.st_size), modified: nanoseconds(modified), changed: nanoseconds(changed),
      inode: Int64(truncatingIfNeeded: info.st_ino), device: Int64(truncatingIfNeeded: info.st_dev))
  }

  /// Nanoseconds since 1970.
  static var wallClock: Int64 {
    var time = timespec()
    return clock_gettime(CLOCK_REALTIME, &time) == 0 ? nanoseconds(time) : 0
  }

  private static func nanoseconds(_ time: timespec) -> Int64 {
    Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }

  /// The names in a folder, without `.` and `..`, sorted by their bytes.
  static func names(in path: String) throws(FileProblem) -> [String] {
    try checkName(path)
    guard let folder = opendir(path) else { throw problem(.unreadable, "list it", path) }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  // MARK: Mapping

  static func map(_ file: Descriptor, size: Int) throws(FileProblem) -> UnsafeRawPointer {
    let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, file.number, 0)
    guard let base, base != MAP_FAILED else { throw problem(.unreadable, "map it", file.path) }
    return UnsafeRawPointer(base)
  }

  static func unmap(_ base: UnsafeRawPointer, size: Int) {
    munmap(UnsafeMutableRawPointer(mutating: base), size)
  }

  // MARK: Places

  /// Where a call that changes the disk acts: a folder held open, and a name in it. For a path below
  /// no `ClosedFolder`, the path as it is.
  private struct Place {
    var folder: Descriptor?
    var name: String
    var number: Int32 { folder?.number ?? AT_FDCWD }
    /// For opening: a link is refused where the folder is closed.
    var flags: Int32 { folder == nil ? O_CLOEXEC : O_CLOEXEC | O_NOFOLLOW }
  }

  private static func place(_ path: String) throws(FileProblem) -> Place {
    try checkName(path)
    guard let (root, names) = ClosedFolder.split(path), let name = names.last else {
      return Place(folder: nil, name: path)
    }
    let number = again { Int(open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) }
    guard number >= 0 else { throw problem(.unwritable, "open this folder", root) }
    var folder = Descriptor(Int32(number), path: root)
    for part in names.dropLast() {
      let path = FilePath.join(folder.path, part)
      guard part != ".." else {
        throw FileProblem(.unwritable, "it leads out of its folder.", path: path)
      }
      let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
      let number = again { Int(openat(folder.number, part, flags)) }
      guard number >= 0 else {
        throw refused(Place(folder: folder, name: part), "open this folder", path)
      }
      folder = Descriptor(Int32(number), path: path)
    }
    return Place(folder: folder, name: name)
  }

  /// Why something cannot be opened for writing: in a closed folder, perhaps because it is a link.
  private static func refused(_ place: Place, _ what: String, _ path: String) -> FileProblem {
    let number = errno
    var info = stat()
    guard place.folder != nil,
      fstatat(place.number, place.name, &info, AT_SYMLINK_NOFOLLOW) == 0,
      info.st_mode & S_IFMT == S_IFLNK
    else { return problem(.unwritable, what, path, number) }
    return FileProblem(
      .unwritable,
      "this is a symbolic link, and nothing is written through links inside a folder of runs; "
        + "replace it with the file or folder that it points to.", path: path)
  }

  // MARK: Writing

  static func createExclusively(_ path: String) throws(FileProblem) -> Descriptor {
    let place = try place(path)
    try FaultPlan.step("create", path)
    let flags = O_WRONLY | O_CREAT | O_EXCL | place.flags
    let number = again { Int(openat(place.number, place.name, flags, 0o666)) }
    guard number >= 0 else { throw problem(.unwritable, "create it", path) }
    return Descriptor(Int32(number), path: path)
  }

  /// Opens what is there for writing: a device or a pipe.
  static func openForWriting(_ path: String) throws(FileProblem) -> Descriptor {
    try checkName(path)
    let number = again { Int(open(path, O_WRONLY | O_CLOEXEC)) }
    guard number >= 0 else { throw problem(.unwritable, "open it for writing", path) }
    return Descriptor(Int32(number), path: path)
  }

  /// Opens for appending, creating the file if there is none.
  static func openForAppending(_ path: String) throws(FileProblem) -> Descriptor {
    let place = try place(path)
    try FaultPlan.step("create", path)
    // Without O_NONBLOCK a pipe of this name would be waited for.
    let flags = O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | place.flags
    let number = again { Int(openat(place.number, place.name, flags, 0o666)) }
    guard number >= 0 else { throw refused(place, "open it for writing", path) }
    return Descriptor(Int32(number), path: path)
  }

  static func write(_ bytes: UnsafeRawBufferPointer, to file: Descriptor) throws(FileProblem) {
    let allowed = try FaultPlan.partOfWrite(bytes.count, file.path)
    guard let base = bytes.baseAddress else { return }
    var done = 0
    while done < allowed {
      // Linux moves at most 2 GiB a call and macOS refuses more.
      let part = min(allowed - done, 1 << 30)
      #if canImport(Darwin)
        let count = again { Darwin.write(file.number, base + done, part) }
      #elseif canImport(Musl)
        let count = again { Musl.write(file.number, base + done, part) }
      #else
        let count = again { Glibc.write(file.number, base + done, part) }
      #endif
      guard count >= 0 else { throw problem(.unwritable, "write it", file.path) }
      done += count
    }
    if allowed < bytes.count { throw FaultPlan.killed(file.path) }
  }

  /// Asks the disk to keep the file's bytes. Folders on some file systems refuse; that is not an error.
  static func sync(_ file: Descriptor) throws(FileProblem) {
    try FaultPlan.step("fsync", file.path)
    if FaultPlan.current != nil { return }  // a test cannot see the difference, but waits for it
    let result = again { Int(fsync(file.number)) }
    if result < 0 && errno != EINVAL && errno != ENOTSUP {
      throw problem(.unwritable, "flush it to disk", file.path)
    }
  }

  static func syncFolder(_ path: String) throws(FileProblem) {
    let place = try place(path)
    let number = again { Int(openat(place.number, place.name, O_RDONLY | place.flags)) }
    guard number >= 0 else { return }  // writable but not readable: there is no way to flush it
    try sync(Descriptor(Int32(number), path: path))
  }

  static func move(_ source: String, to target: String) throws(FileProblem) {
    let (from, to) = (try place(source), try place(target))
    try FaultPlan.step("rename", target)
    guard renameat(from.number, from.name, to.number, to.name) == 0 else {
      throw problem(.unwritable, "put the finished file in place", target)
    }
  }

  /// Gives a file a second name. False if the file system has no hard links.
  static func link(_ source: String, as target: String) throws(FileProblem) -> Bool {
    let (from, to) = (try place(source), try place(target))
    try FaultPlan.step("link", target)
    return linkat(from.number, from.name, to.number, to.name, 0) == 0
  }

  /// How many names an open file has.
  static func nameCount(_ file: Descriptor) -> Int {
    var info = stat()
    return fstat(file.number, &info) == 0 ? Int(info.st_nlink) : 1
  }

  static func truncate(_ file: Descriptor, to size: Int) throws(FileProblem) {
    try FaultPlan.step("truncate", file.path)
    guard again({ Int(ftruncate(file.number, off_t(size))) }) == 0 else {
      throw problem(.unwritable, "shorten it", file.path)
    }
  }

  /// Removes a file; one that is not there is no error.
  static func remove(_ path: String) throws(FileProblem) {
    let place = try place(path)
    try FaultPlan.step("remove", path)
    guard unlinkat(place.number, place.name, 0) == 0 || errno == ENOENT else {
      throw problem(.unwritable, "remove it", path)
    }
  }

  /// - Returns: False if it is not empty, or cannot be removed.
  static func removeEmptyFolder(_ path: String) -> Bool { rmdir(path) == 0 }

  static func makeFolder(_ path: String) throws(FileProblem) {
    let place = try place(path)
    try FaultPlan.step("mkdir", path)
    guard mkdirat(place.number, place.name, 0o777) == 0 else {
      throw problem(.unwritable, "create the folder", path)
    }
  }

  /// Takes an advisory lock: true; false when another open file holds one that excludes it; nil
  /// if the file system has no locks.
  static func lock(_ file: Descriptor, shared: Bool) -> Bool? {
    let kind = shared ? LOCK_SH : LOCK_EX
    if again({ Int(flock(file.number, kind | LOCK_NB)) }) == 0 { return true }
    return errno == EWOULDBLOCK ? false : nil
  }

  static func sleep(milliseconds: UInt32) { usleep(milliseconds * 1000) }

  static var processIdentifier: Int { Int(getpid()) }

  static func processExists(_ identifier: Int) -> Bool {
    guard let number = pid_t(exactly: identifier), number > 0 else { return false }
    return kill(number, 0) == 0 || errno == EPERM
  }

  /// C strings end at the first NUL, so a name that holds one would name another file.
  private static func checkName(_ path: String) throws(FileProblem) {
    if path.isEmpty { throw FileProblem(.missing, "the path is empty.", path: path) }
    if path.utf8.contains(0) {
      throw FileProblem(.missing, "the path contains a NUL character.", path: path)
    }
  }
}

/// Memory, asked for before an array is made: an array that gets none ends the program.
public enum Memory {
  /// Whether the system has one more block of this many bytes for this process.
  public static func has(_ bytes: Int) -> Bool {
    if bytes < 1 << 24 { return true }
    let access = PROT_READ | PROT_WRITE
    let block = mmap(nil, bytes, access, MAP_PRIVATE | MAP_ANON, -1, 0)
    guard let block, block != MAP_FAILED else { return false }
    munmap(block, bytes)
    return true
  }
}

extension SystemCalls {
  /// Wishes for huge pages where all of a block is about to be filled: fifty megabytes are then
  /// there after two dozen page faults instead of twelve thousand.
  static func preferHugePages(_ memory: UnsafeRawBufferPointer) {
    #if os(Linux)
      let (page, advice) = (4096, Int32(14))  // MADV_HUGEPAGE
      guard let start = memory.baseAddress, memory.count >= 4 << 20 else { return }
      let skipped = (page - Int(bitPattern: start) % page) % page
      _ = madvise(
        UnsafeMutableRawPointer(mutating: start + skipped), memory.count - skipped, advice)
    #endif
  }
}
