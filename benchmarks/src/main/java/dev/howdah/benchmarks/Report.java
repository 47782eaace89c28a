package dev.howdah.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;

/** The table in {@code docs/performance.md}, between two markers; the text around it stays. */
final class Report {

  private static final String BEGIN = "<!-- figures: written by benchmarks/run -->";
  private static final String END = "<!-- end of figures -->";

  private Report() {}

  static String markdown(List<Row> rows, String command, double seconds) {
    StringBuilder text = new StringBuilder();
    text.append(
        "Measured %s with `%s` in %.0f s on %s.%n%n".formatted(now(), command, seconds, machine()));
    text.append("| what | measured | ratio | target | |\n|---|---|---|---|---|\n");
    rows.forEach(row -> text.append(line(row)).append('\n'));
    return text.toString();
  }

  /** One line of the table. */
  static String line(Row row) {
    return "| %s | %s | %s | %s | %s |"
        .formatted(row.what(), row.measured(), row.ratio(), row.target(), row.verdict());
  }

  /**
   * Puts it into a file.
   *
   * @throws IllegalStateException if the file has no markers
   */
  static void write(Path file, String markdown) throws IOException {
    String text = Files.readString(file);
    int begin = text.indexOf(BEGIN);
    int end = text.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IllegalStateException(
          "%s lacks the lines \"%s\" and \"%s\".".formatted(file, BEGIN, END));
    }
    Files.writeString(
        file, text.substring(0, begin + BEGIN.length()) + "\n" + markdown + text.substring(end));
  }

  private static String now() {
    return ZonedDateTime.now(ZoneOffset.UTC)
        .format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'"));
  }

  private static String machine() {
    return "%d processors%s, %s of memory, %s, Java %s"
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            fact("/proc/cpuinfo", "model name").map(model -> " (" + model + ")").orElse(""),
            fact("/proc/meminfo", "MemTotal").map(Report::gibibytes).orElse("an unknown amount"),
            System.getProperty("os.name"),
            Runtime.version());
  }

  private static String gibibytes(String kibibytes) {
    return "%.0f GiB".formatted(Double.parseDouble(kibibytes.replaceAll("\\D", "")) / (1 << 20));
  }

  private static Optional<String> fact(String file, String key) {
    try {
      return Files.readAllLines(Path.of(file)).stream()
          .filter(line -> line.startsWith(key))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    } catch (IOException notLinux) {
      return Optional.empty();
    }
  }
}
