package dev.howdah.host.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.host.testing.HostProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Watches a host's system calls: of a durable call the record is written and synced before the
 * answer's first byte leaves. Needs strace; {@code .ci/steps/audit-strace.sh} runs it.
 */
class AuditStraceProof {

  private static final int CALLS = 20;
  private static final String TRACED =
      "trace=read,readv,recvfrom,write,writev,sendto,sendmsg,pwrite64,fdatasync,fsync";

  /** Thread, time, call, number and name of the file, arguments, result. */
  private static final Pattern LINE =
      Pattern.compile("^(\\d+) +(\\d+\\.\\d+) (\\w+)\\((\\d+)<([^>]*)>(.*)\\) += (-?\\d+).*$");

  private static final Pattern UNFINISHED =
      Pattern.compile("^(\\d+) +(\\d+\\.\\d+) (.*) <unfinished \\.\\.\\.>$");
  private static final Pattern RESUMED =
      Pattern.compile("^(\\d+) +(\\d+\\.\\d+) <\\.\\.\\. \\w+ resumed>(.*)$");
  private static final Pattern TEXT = Pattern.compile("\"((?:[^\"\\\\]++|\\\\.)*+)\"");

  @TempDir private Path home;

  /**
   * One system call.
   *
   * @param begin when it began, in seconds
   * @param end when it was over, as far as the next line tells
   * @param name such as {@code write}
   * @param descriptor the file's number
   * @param file the file's name
   * @param bytes what was read or written
   */
  private record SystemCall(
      double begin, double end, String name, int descriptor, String file, byte[] bytes) {
    boolean holds(String text) {
      return new String(bytes, StandardCharsets.ISO_8859_1).contains(text);
    }
  }

  @Test
  @Timeout(300)
  void theRecordIsOnDiskBeforeTheAnswerLeaves() throws Exception {
    List<SystemCall> calls = traced(true, CALLS);
    for (int i = 0; i < CALLS; i++) {
      assertThat(syncedFirst(name(i), calls)).as(name(i) + " was synced first").isTrue();
    }
    say("%d calls under a durable rule, each synced before it was answered", CALLS);
  }

  /** Shows that the other test can fail. */
  @Test
  @Timeout(300)
  void withoutADurableRuleTheAnswerDoesNotWait() throws Exception {
    int few = 3;
    List<SystemCall> calls = traced(false, few);
    for (int i = 0; i < few; i++) {
      assertThat(syncedFirst(name(i), calls)).as(name(i) + " was synced first").isFalse();
    }
    say("%d calls without a durable rule, each answered before it was synced", few);
  }

  private List<SystemCall> traced(boolean durable, int calls) throws Exception {
    Path out = home.resolve("strace");
    List<String> strace =
        List.of(
            "strace",
            "-f",
            "--seccomp-bpf",
            "-ttt",
            "-y",
            "-x",
            "-s",
            "20000",
            "-e",
            TRACED,
            "-e",
            "signal=none",
            "-o",
            out.toString());
    try (HostProcess host = HostProcess.start(home, strace, durable)) {
      for (int i = 0; i < calls; i++) {
        host.call(name(i));
      }
      host.stop();
    }
    return parse(out);
  }

  private static void say(String format, Object... values) {
    System.out.println("audit-strace: " + format.formatted(values));
  }

  private static String name(int number) {
    return "strace-proof-" + (1000 + number);
  }

  private static boolean syncedFirst(String name, List<SystemCall> calls) {
    SystemCall asked =
        first(
            calls,
            name + ": the request",
            0,
            it -> it.name().matches("read.*|recv.*") && it.holds(name));
    SystemCall written =
        first(
            calls,
            name + ": its record",
            asked.end(),
            it ->
                it.name().matches("write|pwrite64")
                    && it.file().endsWith(".jsonl")
                    && it.holds(name));
    SystemCall synced =
        first(
            calls,
            name + ": the sync of " + written.file(),
            written.end(),
            it -> it.name().equals("fdatasync") && it.file().equals(written.file()));
    SystemCall answered =
        first(
            calls,
            name + ": the answer",
            asked.end(),
            it ->
                it.descriptor() == asked.descriptor()
                    && it.name().matches("write|writev|send.*")
                    && hasHeaders(it.bytes()));
    say(
        "%s asked %.6f, record written %.6f, %s over %.6f, answer sent %.6f",
        name, asked.begin(), written.begin(), synced.name(), synced.end(), answered.begin());
    return answered.begin() >= synced.end();
  }

  private static SystemCall first(
      List<SystemCall> calls, String what, double since, Predicate<SystemCall> is) {
    Optional<SystemCall> found =
        calls.stream().filter(it -> it.begin() >= since).filter(is).findFirst();
    assertThat(found).as(what).isPresent();
    return found.orElseThrow();
  }

  /** Whether there is an HTTP/2 frame of type HEADERS: an answer begins with one. */
  private static boolean hasHeaders(byte[] bytes) {
    int at = 0;
    while (at + 9 <= bytes.length) {
      int length = (bytes[at] & 0xff) << 16 | (bytes[at + 1] & 0xff) << 8 | (bytes[at + 2] & 0xff);
      if (bytes[at + 3] == 1) {
        return true;
      }
      at += 9 + length;
    }
    return false;
  }

  private static List<SystemCall> parse(Path out) throws IOException {
    List<SystemCall> calls = new ArrayList<>();
    Map<String, String[]> unfinished = new HashMap<>();
    for (String line : Files.readAllLines(out, StandardCharsets.ISO_8859_1)) {
      Matcher half = UNFINISHED.matcher(line);
      if (half.matches()) {
        unfinished.put(half.group(1), new String[] {half.group(2), half.group(3)});
        continue;
      }
      String whole = line;
      String end = null;
      Matcher rest = RESUMED.matcher(line);
      if (rest.matches()) {
        String[] begun = unfinished.remove(rest.group(1));
        if (begun == null) {
          continue;
        }
        end = rest.group(2);
        whole = rest.group(1) + " " + begun[0] + " " + begun[1] + rest.group(3);
      }
      Matcher call = LINE.matcher(whole);
      if (call.matches() && Long.parseLong(call.group(7)) >= 0) {
        double begin = Double.parseDouble(call.group(2));
        calls.add(
            new SystemCall(
                begin,
                end == null ? begin : Double.parseDouble(end),
                call.group(3),
                Integer.parseInt(call.group(4)),
                call.group(5),
                texts(call.group(6))));
      }
    }
    calls.sort(Comparator.comparingDouble(SystemCall::begin));
    return calls;
  }

  private static byte[] texts(String arguments) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Matcher text = TEXT.matcher(arguments);
    while (text.find()) {
      decode(text.group(1), bytes);
    }
    return bytes.toByteArray();
  }

  /** As strace writes strings: C's escapes, with -x all of it in hexadecimal if it isn't ASCII. */
  private static void decode(String text, ByteArrayOutputStream bytes) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '\\') {
        bytes.write(c);
        continue;
      }
      char escape = text.charAt(++i);
      switch (escape) {
        case 'x' -> {
          bytes.write(Integer.parseInt(text.substring(i + 1, i + 3), 16));
          i += 2;
        }
        case 'n' -> bytes.write('\n');
        case 't' -> bytes.write('\t');
        case 'r' -> bytes.write('\r');
        case 'f' -> bytes.write('\f');
        case 'v' -> bytes.write(11);
        default -> {
          int digits = 0;
          while (digits < 3
              && i + digits < text.length()
              && text.charAt(i + digits) >= '0'
              && text.charAt(i + digits) <= '7') {
            digits++;
          }
          if (digits == 0) {
            bytes.write(escape);
          } else {
            bytes.write(Integer.parseInt(text.substring(i, i + digits), 8));
            i += digits - 1;
          }
        }
      }
    }
  }
}
