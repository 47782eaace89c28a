package dev.howdah.host.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How a file of a trail is called: {@code audit.<writer>.<number of its first line>.jsonl}.
 *
 * @param writer the writer
 * @param first number of the file's first line
 */
record TrailFileName(String writer, long first) {

  private static final Pattern NAME =
      Pattern.compile("audit\\.([a-z0-9-]{1,80})\\.([0-9]{16})\\.jsonl");

  static Optional<TrailFileName> parse(Path file) {
    Matcher matcher = NAME.matcher(String.valueOf(file.getFileName()));
    return matcher.matches()
        ? Optional.of(new TrailFileName(matcher.group(1), Long.parseLong(matcher.group(2))))
        : Optional.empty();
  }

  /** The trail's files in a folder, of all writers, ordered by writer and number. */
  static List<Path> list(Path directory) throws IOException {
    List<Path> files = new ArrayList<>();
    try (Stream<Path> entries = Files.list(directory)) {
      entries.filter(file -> parse(file).isPresent()).forEach(files::add);
    }
    files.sort(Comparator.comparing(file -> String.valueOf(file.getFileName())));
    return files;
  }

  String fileName() {
    return String.format(Locale.ROOT, "audit.%s.%016d.jsonl", writer, first);
  }
}
