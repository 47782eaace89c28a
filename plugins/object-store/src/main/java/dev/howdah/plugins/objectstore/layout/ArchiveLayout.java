package dev.howdah.plugins.objectstore.layout;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where things lie in the archive of one server.
 *
 * @param server the server's name: the folder below the store's root
 */
public record ArchiveLayout(String server) {

  /** Name of the file that says that a backup is there and what it is. */
  public static final String BACKUP_INFO = "backup.info";

  /**
   * Name of our own list of a backup's files and parts. Barman only looks at names that begin like
   * its own, so it never sees this one.
   */
  public static final String MANIFEST = "howdah-manifest.jsonl";

  /** Name of what the last verification of a backup has found; nor does Barman see this one. */
  public static final String VERIFICATION = "howdah-verification.json";

  /** Name of the file that says which WAL must stay. Barman doesn't look for files there. */
  public static final String FIRST_REQUIRED_WAL = "howdah-first-required-wal";

  /** Name of the folder with notes of the backups that retention deletes; Barman has none there. */
  public static final String DELETED = "howdah-deleted";

  private static final Pattern SERVER = Pattern.compile("[^/\\x00-\\x1f]+");
  private static final Pattern DATA =
      Pattern.compile("(data|[0-9]+)(?:_([0-9]{4,}))?\\.tar(\\.[a-z0-9]+)?");

  /**
   * Checks the name.
   *
   * @throws IllegalArgumentException if it can't be a folder
   */
  public ArchiveLayout {
    if (!SERVER.matcher(server).matches() || server.equals(".") || server.equals("..")) {
      throw new IllegalArgumentException(
          "serverName '%s' can't be the name of a folder.".formatted(server));
    }
  }

  /** The folder of all WAL, with a slash at the end. */
  public String wals() {
    return server + "/wals/";
  }

  /** The key of a WAL file. */
  public String wal(WalName name, Codec codec) {
    return walPrefix(name) + codec.suffix();
  }

  /** What the keys of a WAL file begin with, whatever the codec. */
  public String walPrefix(WalName name) {
    return wals() + name.folder() + name.name();
  }

  /** The key of {@link #FIRST_REQUIRED_WAL}. */
  public String firstRequiredWal() {
    return server + "/" + FIRST_REQUIRED_WAL;
  }

  /** The folder {@link #DELETED}, with a slash at the end. */
  public String deleted() {
    return server + "/" + DELETED + "/";
  }

  /** The key of the note of one backup. */
  public String deleted(String backupId) {
    return deleted() + backupId;
  }

  /** The folder of all base backups, with a slash at the end. */
  public String base() {
    return server + "/base/";
  }

  /** The folder of one base backup, with a slash at the end. */
  public String backup(String backupId) {
    return base() + backupId + "/";
  }

  /** The key of a backup's {@code backup.info}. */
  public String backupInfo(String backupId) {
    return backup(backupId) + BACKUP_INFO;
  }

  /** The key of a backup's {@link #MANIFEST}. */
  public String manifest(String backupId) {
    return backup(backupId) + MANIFEST;
  }

  /** The key of a backup's {@link #VERIFICATION}. */
  public String verification(String backupId) {
    return backup(backupId) + VERIFICATION;
  }

  /** The key that says that a backup is to be kept. */
  public String keep(String backupId) {
    return backup(backupId) + "annotations/keep";
  }

  /**
   * The key of a part of a backup's data.
   *
   * @param tablespace OID of the tablespace; empty for PGDATA
   * @param part 0 for the first
   */
  public String data(String backupId, Optional<Long> tablespace, int part, Codec codec) {
    return backup(backupId) + new DataName(tablespace, part, codec).name();
  }

  /**
   * The name of a file with a backup's data.
   *
   * @param tablespace OID of the tablespace; empty for PGDATA
   * @param part 0 for the first
   * @param codec how it is compressed
   */
  public record DataName(Optional<Long> tablespace, int part, Codec codec) {

    /** Reads a name, if it is one. */
    public static Optional<DataName> parse(String name) {
      Matcher matcher = DATA.matcher(name);
      if (!matcher.matches()) {
        return Optional.empty();
      }
      String suffix = matcher.group(3);
      Codec codec = suffix == null ? Codec.NONE : Codec.ofName(name);
      if (suffix != null && codec == Codec.NONE) {
        return Optional.empty();
      }
      String part = matcher.group(2);
      return Optional.of(
          new DataName(
              matcher.group(1).equals("data")
                  ? Optional.empty()
                  : Optional.of(Long.valueOf(matcher.group(1))),
              part == null ? 0 : Integer.parseInt(part),
              codec));
    }

    /** The name. */
    public String name() {
      return tablespace.map(String::valueOf).orElse("data")
          + (part == 0 ? "" : "_%04d".formatted(part))
          + ".tar"
          + codec.suffix();
    }
  }
}
