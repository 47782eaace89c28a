package dev.howdah.plugins.objectstore.store;

/** The rules for keys, which every store holds its callers to. */
final class Keys {

  private Keys() {}

  /**
   * Checks a key.
   *
   * @throws IllegalArgumentException if it isn't one
   */
  static String checked(String key) {
    for (String segment : key.split("/", -1)) {
      if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
        throw new IllegalArgumentException("'%s' is not a key of an object.".formatted(key));
      }
    }
    return key;
  }

  /**
   * Checks a folder.
   *
   * @throws IllegalArgumentException if it is neither empty nor ends in a slash
   */
  static String checkedFolder(String folder) {
    if (!folder.isEmpty()) {
      if (!folder.endsWith("/")) {
        throw new IllegalArgumentException("'%s' must end in a slash.".formatted(folder));
      }
      checked(folder.substring(0, folder.length() - 1));
    }
    return folder;
  }
}
