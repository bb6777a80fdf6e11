/// The paths of all files in a folder and its subfolders, as `FolderListing` lists them; all links are followed.
///
/// - Throws: `FileError` where a folder cannot be read; it names that folder.
public func listFiles(in folder: String) throws(FileError) -> [String] {
  let listing = try FolderListing(folder, followsLinks: true)
  if let error = listing.unreadable.first { throw error }
  return listing.files
}
