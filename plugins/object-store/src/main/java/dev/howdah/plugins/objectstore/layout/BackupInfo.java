package dev.howdah.plugins.objectstore.layout;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What {@code backup.info} says of a base backup: known keys with their values as written, so that
 * what is read and written again stays the same. Immutable.
 *
 * <p>Barman refuses to list a server as soon as one of its backups has a key that it doesn't know,
 * so an unknown key can be read here, but never written.
 */
public final class BackupInfo {

  /** The status of a backup that can be restored. */
  public static final String DONE = "DONE";

  /** The status of a backup that can't. */
  public static final String FAILED = "FAILED";

  private static final String NONE = "None";

  private static final Set<String> KEYS =
      Set.of(
          "backup_label",
          "backup_name",
          "begin_offset",
          "begin_time",
          "begin_wal",
          "begin_xlog",
          "children_backup_ids",
          "cluster_size",
          "compression",
          "config_file",
          "copy_stats",
          "data_checksums",
          "deduplicated_size",
          "encryption",
          "end_offset",
          "end_time",
          "end_wal",
          "end_xlog",
          "error",
          "hba_file",
          "ident_file",
          "included_files",
          "mode",
          "parent_backup_id",
          "pgdata",
          "server_name",
          "size",
          "snapshots_info",
          "status",
          "summarize_wal",
          "systemid",
          "tablespaces",
          "timeline",
          "version",
          "xlog_segment_size");

  // Barman leaves these out instead of writing None.
  private static final Set<String> OMITTED_IF_NONE = Set.of("backup_name", "snapshots_info");

  private static final DateTimeFormatter TIME =
      new DateTimeFormatterBuilder()
          .appendPattern("yyyy-MM-dd HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
          .optionalStart()
          .appendOffset("+HH:mm:ss", "Z")
          .optionalEnd()
          .toFormatter();

  private final Map<String, String> values;

  private BackupInfo(Map<String, String> values) {
    this.values = values;
  }

  /**
   * A tablespace.
   *
   * @param name its name
   * @param oid its OID
   * @param location where it lay
   */
  public record Tablespace(String name, long oid, String location) {}

  /**
   * Reads a file. Keys that are missing are taken for {@code None}; empty lines and comments are
   * left out.
   *
   * @throws IllegalArgumentException if a line has no key
   */
  public static BackupInfo parse(byte[] file) {
    Map<String, String> values = new TreeMap<>();
    int number = 0;
    for (String line : new String(file, StandardCharsets.UTF_8).split("\n", -1)) {
      number++;
      String content = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
      if (content.isBlank() || content.startsWith("#")) {
        continue;
      }
      int equals = content.indexOf('=');
      if (equals <= 0) {
        throw new IllegalArgumentException("line %d of backup.info has no key".formatted(number));
      }
      String value = content.substring(equals + 1).strip();
      if (!value.equals(NONE)) {
        values.put(content.substring(0, equals).strip(), value);
      }
    }
    return new BackupInfo(values);
  }

  /** Starts one. */
  public static Builder builder() {
    return new Builder();
  }

  /** The file, with all keys that Barman writes, in its order. */
  public byte[] toBytes() {
    StringBuilder text = new StringBuilder();
    for (String key : KEYS.stream().sorted().toList()) {
      String value = values.getOrDefault(key, NONE);
      if (!value.equals(NONE) || !OMITTED_IF_NONE.contains(key)) {
        text.append(key).append('=').append(value).append('\n');
      }
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** A value as written; empty if it is {@code None} or missing. */
  public Optional<String> text(String key) {
    return Optional.ofNullable(values.get(key));
  }

  /**
   * Whether it can be restored, as far as this file knows: its status, not its end time, says so.
   */
  public boolean isDone() {
    return text("status").filter(DONE::equals).isPresent();
  }

  /** {@code status}; empty text if missing. */
  public String status() {
    return text("status").orElse("");
  }

  /** {@code backup_name}. */
  public Optional<String> backupName() {
    return text("backup_name");
  }

  /** {@code begin_time}. */
  public Optional<Instant> beginTime() {
    return time("begin_time");
  }

  /** {@code end_time}. */
  public Optional<Instant> endTime() {
    return time("end_time");
  }

  /** {@code begin_wal}. */
  public Optional<String> beginWal() {
    return text("begin_wal");
  }

  /** {@code end_wal}. */
  public Optional<String> endWal() {
    return text("end_wal");
  }

  /** {@code begin_xlog}. */
  public Optional<Lsn> beginLsn() {
    return text("begin_xlog").map(Lsn::parse);
  }

  /** {@code end_xlog}. */
  public Optional<Lsn> endLsn() {
    return text("end_xlog").map(Lsn::parse);
  }

  /** {@code timeline}. */
  public Optional<Integer> timeline() {
    return text("timeline").map(value -> (int) number("timeline", value));
  }

  /** {@code systemid}. */
  public Optional<String> systemId() {
    return text("systemid");
  }

  /** {@code version}: PostgreSQL's, such as 160004. */
  public Optional<Integer> version() {
    return text("version").map(value -> (int) number("version", value));
  }

  /** {@code cluster_size} in bytes. */
  public Optional<Long> clusterSize() {
    return text("cluster_size").map(value -> number("cluster_size", value));
  }

  /** {@code xlog_segment_size} in bytes; 16 MiB if missing. */
  public long segmentSize() {
    return text("xlog_segment_size")
        .map(value -> number("xlog_segment_size", value))
        .orElse(16L << 20);
  }

  /** {@code backup_label}: the text of the file. */
  public Optional<String> backupLabel() {
    return text("backup_label")
        .map(PythonValue::parse)
        .map(value -> value instanceof PythonValue.Text label ? label.value() : value.toString());
  }

  /** {@code error}. */
  public Optional<String> error() {
    return text("error");
  }

  /** Whether its data are in volume snapshots, which aren't ours to read. */
  public boolean isSnapshot() {
    return text("snapshots_info").isPresent();
  }

  /** The backup that this one is incremental to. */
  public Optional<String> parentBackupId() {
    return text("parent_backup_id");
  }

  /**
   * {@code tablespaces}.
   *
   * @throws IllegalArgumentException if the value isn't a list of names, OIDs and locations
   */
  public List<Tablespace> tablespaces() {
    Optional<String> value = text("tablespaces");
    if (value.isEmpty()) {
      return List.of();
    }
    List<Tablespace> tablespaces = new ArrayList<>();
    if (PythonValue.parse(value.get()) instanceof PythonValue.Sequence sequence) {
      for (PythonValue entry : sequence.values()) {
        tablespaces.add(tablespace(entry));
      }
      return List.copyOf(tablespaces);
    }
    throw new IllegalArgumentException("tablespaces of backup.info is not a list");
  }

  private static Tablespace tablespace(PythonValue entry) {
    List<PythonValue> values =
        switch (entry) {
          case PythonValue.Tuple tuple -> tuple.values();
          case PythonValue.Sequence sequence -> sequence.values();
          case PythonValue.None none -> List.<PythonValue>of();
          case PythonValue.Text text -> List.<PythonValue>of();
          case PythonValue.Literal literal -> List.<PythonValue>of();
          case PythonValue.Dictionary dictionary -> List.<PythonValue>of();
        };
    if (values.size() == 3
        && values.get(0) instanceof PythonValue.Text name
        && values.get(1) instanceof PythonValue.Literal oid
        && values.get(2) instanceof PythonValue.Text location) {
      return new Tablespace(name.value(), number("tablespaces", oid.value()), location.value());
    }
    throw new IllegalArgumentException("tablespaces of backup.info has the entry " + entry);
  }

  private static long number(String key, String value) {
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("%s of backup.info is '%s'".formatted(key, value), e);
    }
  }

  private Optional<Instant> time(String key) {
    return text(key).map(value -> parseTime(key, value));
  }

  private static Instant parseTime(String key, String value) {
    try {
      var parsed = TIME.parseBest(value, OffsetDateTime::from, LocalDateTime::from);
      return parsed instanceof OffsetDateTime zoned
          ? zoned.toInstant()
          : LocalDateTime.from(parsed).toInstant(ZoneOffset.UTC);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException("%s of backup.info is '%s'".formatted(key, value), e);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BackupInfo that && values.equals(that.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return new String(toBytes(), StandardCharsets.UTF_8);
  }

  /** Collects values. Not thread-safe. */
  public static final class Builder {

    private static final DateTimeFormatter SECONDS =
        DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);

    private final Map<String, String> values = new TreeMap<>();

    private Builder() {
      // Barman writes this name whatever the server's is.
      values.put("server_name", "cloud");
    }

    /**
     * Sets a plain value.
     *
     * @throws IllegalArgumentException if Barman doesn't know the key or the value has line breaks
     */
    public Builder put(String key, Object value) {
      if (!KEYS.contains(key)) {
        throw new IllegalArgumentException("backup.info has no key '%s'.".formatted(key));
      }
      String text = value.toString();
      if (text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0) {
        throw new IllegalArgumentException("The value of %s has line breaks.".formatted(key));
      }
      values.put(key, text);
      return this;
    }

    /** Sets a time, with microseconds unless there are none. */
    public Builder put(String key, Instant time) {
      long micros = time.getNano() / 1000;
      return put(
          key,
          (Object)
              (SECONDS.format(time) + (micros == 0 ? "" : ".%06d".formatted(micros)) + "+00:00"));
    }

    /** Sets a value that Python prints with quotes, brackets or braces. */
    public Builder put(String key, PythonValue value) {
      return put(key, (Object) value.toString());
    }

    /** Sets {@code tablespaces}. */
    public Builder tablespaces(List<Tablespace> tablespaces) {
      if (tablespaces.isEmpty()) {
        return this;
      }
      return put(
          "tablespaces",
          new PythonValue.Sequence(
              tablespaces.stream()
                  .map(
                      tablespace ->
                          (PythonValue)
                              new PythonValue.Tuple(
                                  List.of(
                                      new PythonValue.Text(tablespace.name()),
                                      new PythonValue.Literal(String.valueOf(tablespace.oid())),
                                      new PythonValue.Text(tablespace.location()))))
                  .toList()));
    }

    /** Builds it. */
    public BackupInfo build() {
      return new BackupInfo(new TreeMap<>(values));
    }
  }
}
