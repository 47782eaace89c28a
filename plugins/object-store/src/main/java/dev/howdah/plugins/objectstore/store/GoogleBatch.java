package dev.howdah.plugins.objectstore.store;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Several requests without content in one, as Google's JSON API takes them: parts of a multipart
 * message, each a request of its own that is answered by a part of its own.
 */
final class GoogleBatch {

  /** Most requests in one. */
  static final int MOST = 100;

  private static final String BOUNDARY = "howdah-batch";
  private static final int LONGEST_ANSWER = 4 << 20;
  private static final int NOT_FOUND = 404;
  private static final Pattern CONTENT_ID =
      Pattern.compile("(?im)^content-id:\\s*<?(?:response-)?item:([0-9]+)>?");
  private static final Pattern STATUS = Pattern.compile("(?m)^HTTP/[0-9.]+ ([0-9]{3})");

  private final List<String> paths;
  private final byte[] body;

  GoogleBatch(String method, List<String> paths) {
    this.paths = paths;
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < paths.size(); i++) {
      text.append("--%s\r\nContent-Type: application/http\r\n".formatted(BOUNDARY))
          .append("Content-ID: <item:%d>\r\n\r\n".formatted(i))
          .append("%s %s HTTP/1.1\r\n\r\n\r\n".formatted(method, paths.get(i)));
    }
    this.body =
        text.append("--%s--\r\n".formatted(BOUNDARY))
            .toString()
            .getBytes(StandardCharsets.US_ASCII);
  }

  String contentType() {
    return "multipart/mixed; boundary=" + BOUNDARY;
  }

  byte[] body() {
    return body;
  }

  /**
   * Which of the requests can't be said to be done, by their index: all if the whole was refused. A
   * missing object counts as done.
   */
  List<Integer> undone(HttpResponse<InputStream> answer) throws IOException {
    Set<Integer> undone = new TreeSet<>();
    for (int i = 0; i < paths.size(); i++) {
      undone.add(i);
    }
    String text;
    try (InputStream in = answer.body()) {
      text = new String(in.readNBytes(LONGEST_ANSWER), StandardCharsets.UTF_8);
    }
    if (answer.statusCode() < 300) {
      String boundary =
          answer
              .headers()
              .firstValue("Content-Type")
              .map(type -> type.replaceFirst(".*boundary=\"?([^\";]+).*", "$1"))
              .orElse(BOUNDARY);
      for (String part : text.split(Pattern.quote("--" + boundary), -1)) {
        Matcher id = CONTENT_ID.matcher(part);
        Matcher status = STATUS.matcher(part);
        if (id.find() && status.find()) {
          int code = Integer.parseInt(status.group(1));
          if (code < 300 || code == NOT_FOUND) {
            undone.remove(Integer.valueOf(id.group(1)));
          }
        }
      }
    }
    return new ArrayList<>(undone);
  }
}
