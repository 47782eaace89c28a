package dev.howdah.benchmarks;

import dev.howdah.benchmarks.BucketServer.Answer;
import dev.howdah.benchmarks.BucketServer.Request;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The objects of a bucket, and as much of S3's protocol as programs need that archive a database:
 * whole and parted writes, conditional ones, reads from an offset on, lists, deletion. Keys must be
 * plain text that needs no escaping. Thread-safe.
 */
final class Bucket {

  /** Asked for as a bucket's property: the bytes of all objects whose keys begin so. */
  static final String BYTES = "howdah-bytes";

  /** The same, deleting them. */
  static final String CLEAR = "howdah-clear";

  private static final int LISTED = 1000;
  private static final Pattern PART = Pattern.compile("<PartNumber>(\\d+)</PartNumber>");
  private static final Pattern KEY = Pattern.compile("<Key>([^<]+)</Key>");
  private static final String ETAG = "ETag";

  private final ConcurrentNavigableMap<String, Stored> objects = new ConcurrentSkipListMap<>();
  private final Map<String, NavigableMap<Integer, StoredBytes>> uploads = new ConcurrentHashMap<>();
  private final AtomicLong numbers = new AtomicLong();

  private record Stored(StoredBytes bytes, Instant modified, String tag) {}

  Answer answer(Request request, StoredBytes body) {
    Map<String, String> query = request.query();
    return switch (request.method()) {
      case "HEAD", "GET" -> read(request);
      case "PUT" ->
          query.containsKey("uploadId")
              ? part(query, body)
              : request.key().isEmpty() ? empty() : write(request, body);
      case "POST" -> {
        if (query.containsKey("uploads")) {
          yield begin();
        }
        yield query.containsKey("delete") ? delete(body) : complete(request, body);
      }
      case "DELETE" -> delete(request);
      default -> failure(405, "MethodNotAllowed");
    };
  }

  private Answer read(Request request) {
    if (request.key().isEmpty()) {
      return bucket(request);
    }
    Stored stored = objects.get(request.key());
    if (stored == null) {
      return failure(404, "NoSuchKey");
    }
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(ETAG, stored.tag());
    headers.put("Content-Type", "application/octet-stream");
    headers.put(
        "Last-Modified",
        DateTimeFormatter.RFC_1123_DATE_TIME.format(stored.modified().atOffset(ZoneOffset.UTC)));
    String range = request.header("range");
    if (!range.matches("bytes=\\d+-\\d*")) {
      return new Answer(200, headers, stored.bytes());
    }
    String[] ends = range.substring("bytes=".length()).split("-");
    long size = stored.bytes().size();
    if (ends.length > 1 && Long.parseLong(ends[1]) < size - 1) {
      return failure(501, "NotImplemented");
    }
    long first = Long.parseLong(ends[0]);
    headers.put("Content-Range", "bytes %d-%d/%d".formatted(first, size - 1, size));
    return new Answer(206, headers, stored.bytes().after(first));
  }

  private Answer bucket(Request request) {
    Map<String, String> query = request.query();
    if (query.containsKey(BYTES)) {
      return xml(String.valueOf(bytes(query.getOrDefault("prefix", ""))));
    }
    if (query.containsKey(CLEAR)) {
      below(query.getOrDefault("prefix", "")).clear();
      uploads.clear();
      return empty();
    }
    if (query.containsKey("location")) {
      return xml("<LocationConstraint/>");
    }
    return request.method().equals("HEAD") ? empty() : list(query);
  }

  private long bytes(String prefix) {
    return below(prefix).values().stream().mapToLong(stored -> stored.bytes().size()).sum();
  }

  private SortedMap<String, Stored> below(String prefix) {
    return objects.subMap(prefix, prefix + Character.MAX_VALUE);
  }

  private Answer list(Map<String, String> query) {
    String prefix = query.getOrDefault("prefix", "");
    String delimiter = query.getOrDefault("delimiter", "");
    String after = query.getOrDefault("continuation-token", query.getOrDefault("start-after", ""));
    StringBuilder found = new StringBuilder();
    int count = 0;
    String last = after;
    boolean more = false;
    for (Map.Entry<String, Stored> entry : below(prefix).entrySet()) {
      String key = entry.getKey();
      int end = delimiter.isEmpty() ? -1 : key.indexOf(delimiter, prefix.length());
      String name = end < 0 ? key : key.substring(0, end + delimiter.length());
      if (name.compareTo(last) <= 0) {
        continue;
      }
      if (count == LISTED) {
        more = true;
        break;
      }
      count++;
      last = name;
      found.append(end < 0 ? contents(key, entry.getValue()) : common(name));
    }
    return xml(
        "<ListBucketResult><Prefix>%s</Prefix><KeyCount>%d</KeyCount><IsTruncated>%s</IsTruncated>"
                .formatted(prefix, count, more)
            + (more ? "<NextContinuationToken>%s</NextContinuationToken>".formatted(last) : "")
            + found
            + "</ListBucketResult>");
  }

  private static String contents(String key, Stored stored) {
    return "<Contents><Key>%s</Key><LastModified>%s</LastModified><ETag>%s</ETag><Size>%d</Size></Contents>"
        .formatted(
            key,
            stored.modified().truncatedTo(ChronoUnit.MILLIS),
            stored.tag().replace("\"", "&quot;"),
            stored.bytes().size());
  }

  private static String common(String prefix) {
    return "<CommonPrefixes><Prefix>%s</Prefix></CommonPrefixes>".formatted(prefix);
  }

  private Answer write(Request request, StoredBytes body) {
    Stored stored = new Stored(body, Instant.now(), tag());
    if (request.header("if-none-match").equals("*")) {
      if (objects.putIfAbsent(request.key(), stored) != null) {
        return failure(412, "PreconditionFailed");
      }
    } else {
      objects.put(request.key(), stored);
    }
    return new Answer(200, Map.of(ETAG, stored.tag()), new StoredBytes());
  }

  private Answer begin() {
    String id = "upload-" + numbers.incrementAndGet();
    uploads.put(id, new TreeMap<>());
    return xml(
        "<InitiateMultipartUploadResult><UploadId>%s</UploadId></InitiateMultipartUploadResult>"
            .formatted(id));
  }

  private Answer part(Map<String, String> query, StoredBytes body) {
    NavigableMap<Integer, StoredBytes> parts = uploads.get(query.get("uploadId"));
    if (parts == null) {
      return failure(404, "NoSuchUpload");
    }
    synchronized (parts) {
      parts.put(Integer.parseInt(query.getOrDefault("partNumber", "1")), body);
    }
    return new Answer(200, Map.of(ETAG, tag()), new StoredBytes());
  }

  private Answer complete(Request request, StoredBytes body) {
    NavigableMap<Integer, StoredBytes> parts =
        uploads.remove(request.query().getOrDefault("uploadId", ""));
    if (parts == null) {
      return failure(404, "NoSuchUpload");
    }
    StoredBytes whole = new StoredBytes();
    Matcher named = PART.matcher(body.text());
    while (named.find()) {
      @Nullable StoredBytes part = parts.get(Integer.parseInt(named.group(1)));
      if (part == null) {
        return failure(400, "InvalidPart");
      }
      whole.addAll(part);
    }
    Answer written = write(request, whole);
    return written.status() != 200
        ? written
        : xml(
            "<CompleteMultipartUploadResult><Key>%s</Key><ETag>%s</ETag></CompleteMultipartUploadResult>"
                .formatted(request.key(), written.headers().get(ETAG)));
  }

  private Answer delete(Request request) {
    if (request.query().containsKey("uploadId")) {
      uploads.remove(request.query().getOrDefault("uploadId", ""));
    } else {
      objects.remove(request.key());
    }
    return new Answer(204, Map.of(), new StoredBytes());
  }

  private Answer delete(StoredBytes body) {
    Matcher named = KEY.matcher(body.text());
    while (named.find()) {
      objects.remove(named.group(1));
    }
    return xml("<DeleteResult/>");
  }

  private String tag() {
    return "\"%032x\"".formatted(numbers.incrementAndGet());
  }

  private static Answer empty() {
    return new Answer(200, Map.of(), new StoredBytes());
  }

  private static Answer xml(String text) {
    return new Answer(200, Map.of("Content-Type", "application/xml"), StoredBytes.of(text));
  }

  private static Answer failure(int status, String code) {
    return new Answer(
        status,
        Map.of("Content-Type", "application/xml"),
        StoredBytes.of(
            "<Error><Code>%s</Code><Message>%s</Message></Error>".formatted(code, code)));
  }
}
