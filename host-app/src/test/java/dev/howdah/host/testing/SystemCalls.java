package dev.howdah.host.testing;

import static org.assertj.core.api.Assertions.assertThat;

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

/** What strace has seen, in the order in which it began. */
public final class SystemCalls {

  /** Thread, time, call, arguments, result. */
  private static final Pattern LINE =
      Pattern.compile("^(\\d+) +(\\d+\\.\\d+) (\\w+)\\((.*)\\) += (-?\\d+).*$");

  private static final Pattern DESCRIPTOR = Pattern.compile("^(\\d+)<([^>]*)>.*$");
  private static final Pattern UNFINISHED =
      Pattern.compile("^(\\d+) +(\\d+\\.\\d+) (.*) <unfinished \\.\\.\\.>$");
  private static final Pattern RESUMED =
      Pattern.compile("^(\\d+) +(\\d+\\.\\d+) <\\.\\.\\. \\w+ resumed>(.*)$");
  private static final Pattern TEXT = Pattern.compile("\"((?:[^\"\\\\]++|\\\\.)*+)\"");

  private final List<SystemCall> calls;

  private SystemCalls(List<SystemCall> calls) {
    this.calls = calls;
  }

  /**
   * One system call.
   *
   * @param begin when it began, in seconds
   * @param end when it was over, as far as the next line tells
   * @param name such as {@code write}
   * @param descriptor the file's number, -1 if the first argument is none
   * @param file the file's name, or empty
   * @param bytes its texts: what was read or written, or the paths
   */
  public record SystemCall(
      double begin, double end, String name, int descriptor, String file, byte[] bytes) {

    /** Whether a text is among its own. */
    public boolean holds(String text) {
      return new String(bytes, StandardCharsets.ISO_8859_1).contains(text);
    }

    /** Whether there is an HTTP/2 frame of type HEADERS in it: an answer begins with one. */
    public boolean hasHeaders() {
      int at = 0;
      while (at + 9 <= bytes.length) {
        int length =
            (bytes[at] & 0xff) << 16 | (bytes[at + 1] & 0xff) << 8 | (bytes[at + 2] & 0xff);
        if (bytes[at + 3] == 1) {
          return true;
        }
        at += 9 + length;
      }
      return false;
    }
  }

  /**
   * The command that traces another one.
   *
   * @param out where to
   * @param names of the system calls, joined by commas
   */
  public static List<String> strace(Path out, String names) {
    return List.of(
        "strace",
        "-f",
        "--seccomp-bpf",
        "-ttt",
        "-y",
        "-x",
        "-s",
        "20000",
        "-e",
        "trace=" + names,
        "-e",
        "signal=none",
        "-o",
        out.toString());
  }

  /** Reads what strace wrote; calls that failed are left out. */
  public static SystemCalls read(Path out) throws IOException {
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
      if (call.matches() && Long.parseLong(call.group(5)) >= 0) {
        double begin = Double.parseDouble(call.group(2));
        Matcher file = DESCRIPTOR.matcher(call.group(4));
        boolean named = file.matches();
        calls.add(
            new SystemCall(
                begin,
                end == null ? begin : Double.parseDouble(end),
                call.group(3),
                named ? Integer.parseInt(file.group(1)) : -1,
                named ? file.group(2) : "",
                texts(call.group(4))));
      }
    }
    calls.sort(Comparator.comparingDouble(SystemCall::begin));
    return new SystemCalls(calls);
  }

  /**
   * The first call of a kind; fails if there is none.
   *
   * @param what for the message
   * @param since when it begins at the earliest
   */
  public SystemCall first(String what, double since, Predicate<SystemCall> is) {
    Optional<SystemCall> found =
        calls.stream().filter(it -> it.begin() >= since).filter(is).findFirst();
    assertThat(found).as(what).isPresent();
    return found.orElseThrow();
  }

  /** The request that holds a text, as it arrives at a socket. */
  public SystemCall request(String text) {
    return first(
        text + ": the request",
        0,
        it ->
            it.name().matches("read.*|recv.*") && it.file().startsWith("socket") && it.holds(text));
  }

  /** The first bytes of the answer to a request, when nobody else asks meanwhile. */
  public SystemCall answer(SystemCall request) {
    return first(
        "the answer",
        request.end(),
        it ->
            it.descriptor() == request.descriptor()
                && it.name().matches("write|writev|send.*")
                && it.hasHeaders());
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
