package dev.howdah.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;

/**
 * The tables in {@code docs/performance.md}, one for each benchmark between two markers; the text
 * around them stays, and so do the tables of benchmarks that didn't run.
 */
final class Report {

  private Report() {}

  /**
   * One benchmark's table.
   *
   * @param command what prints it
   * @param seconds how long it took
   * @param stolen the share of the processors' time that other guests of the machine had meanwhile
   */
  static String markdown(List<Row> rows, String command, double seconds, double stolen) {
    StringBuilder text = new StringBuilder();
    text.append(
        "Measured %s with `%s` in %.0f s on %s; other guests had %.0f %% of the processors.%n%n"
            .formatted(now(), command, seconds, machine(), stolen * 100));
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
   * Puts a benchmark's table into a file.
   *
   * @throws IllegalStateException if the file has no markers for it
   */
  static void write(Path file, String benchmark, String markdown) throws IOException {
    String first = "<!-- figures: %s -->".formatted(benchmark);
    String last = "<!-- end of figures: %s -->".formatted(benchmark);
    String text = Files.readString(file);
    int begin = text.indexOf(first);
    int end = text.indexOf(last);
    if (begin < 0 || end < begin) {
      throw new IllegalStateException(
          "%s lacks the lines \"%s\" and \"%s\".".formatted(file, first, last));
    }
    Files.writeString(
        file, text.substring(0, begin + first.length()) + "\n" + markdown + text.substring(end));
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
