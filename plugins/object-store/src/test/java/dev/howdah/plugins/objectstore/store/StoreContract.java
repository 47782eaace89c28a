package dev.howdah.plugins.objectstore.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.plugins.objectstore.store.StoreException.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store promises; each kind of store passes the same tests. */
abstract class StoreContract {

  Store store;

  /** Opens an empty store. */
  abstract Store open() throws Exception;

  @BeforeEach
  void openStore() throws Exception {
    store = open();
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  @Test
  void whatIsPutCanBeReadBackAndLookedUp() throws Exception {
    store.put("a/b", Content.of("hello"), WriteOptions.CREATE);

    assertThat(read("a/b")).isEqualTo("hello");
    StoredObject found = store.find("a/b").orElseThrow();
    assertThat(found.key()).isEqualTo("a/b");
    assertThat(found.name()).isEqualTo("b");
    assertThat(found.size()).isEqualTo(5);
  }

  @Test
  void anEmptyObjectIsAnObject() throws Exception {
    store.put("empty", Content.of(""), WriteOptions.CREATE);

    assertThat(read("empty")).isEmpty();
    assertThat(store.find("empty")).hasValueSatisfying(o -> assertThat(o.size()).isZero());
  }

  @Test
  void aMissingObjectIsSaidToBeMissing() throws Exception {
    assertThat(store.find("nothing/here")).isEmpty();
    assertFails(Kind.NOT_FOUND, () -> store.read("nothing/here", 0, null));
  }

  @Test
  void readingCanBeginInTheMiddle() throws Exception {
    store.put("a", Content.of("0123456789"), WriteOptions.CREATE);

    try (Download download = store.read("a", 7, null)) {
      assertThat(download.content().readAllBytes()).isEqualTo("789".getBytes(UTF_8));
      assertThat(download.object().size()).isEqualTo(10);
    }
  }

  @Test
  void readingHoldsOnToOneVersion() throws Exception {
    store.put("a", Content.of("one"), WriteOptions.CREATE);
    String version = store.find("a").orElseThrow().version();
    store.read("a", 0, version).close();
    store.put("a", Content.of("another"), WriteOptions.REPLACE);

    assertFails(Kind.CHANGED, () -> store.read("a", 0, version));
  }

  @Test
  void creatingNeverReplaces() throws Exception {
    store.put("a", Content.of("first"), WriteOptions.CREATE);

    assertFails(
        Kind.EXISTS,
        () -> {
          store.put("a", Content.of("second"), WriteOptions.CREATE);
          return null;
        });
    assertThat(read("a")).isEqualTo("first");
  }

  @Test
  void replacingReplaces() throws Exception {
    store.put("a", Content.of("first"), WriteOptions.REPLACE);
    store.put("a", Content.of("second"), WriteOptions.REPLACE);

    assertThat(read("a")).isEqualTo("second");
  }

  @Test
  void ofManyWhoCreateAtOnceExactlyOneWins() throws Exception {
    int writers = 8;
    try (ExecutorService threads = Executors.newFixedThreadPool(writers)) {
      for (int round = 0; round < 10; round++) {
        String key = "contested/" + round;
        CountDownLatch start = new CountDownLatch(1);
        List<Future<String>> outcomes = new ArrayList<>();
        for (int writer = 0; writer < writers; writer++) {
          String text = "writer " + writer;
          outcomes.add(
              threads.submit(
                  () -> {
                    start.await();
                    try {
                      store.put(key, Content.of(text), WriteOptions.CREATE);
                      return text;
                    } catch (StoreException e) {
                      assertThat(e.kind()).isEqualTo(Kind.EXISTS);
                      return "";
                    }
                  }));
        }
        start.countDown();
        List<String> winners = new ArrayList<>();
        for (Future<String> outcome : outcomes) {
          if (!outcome.get().isEmpty()) {
            winners.add(outcome.get());
          }
        }
        assertThat(winners).containsExactly(read(key));
      }
    }
  }

  @Test
  void listsAreCompleteAndInOrder() throws Exception {
    List<String> keys = List.of("p/a-b", "p/a/b", "p/a/c/d", "p/a0", "p/b", "q/a");
    for (String key : keys) {
      store.put(key, Content.of(key), WriteOptions.CREATE);
    }

    assertThat(store.list("")).extracting(StoredObject::key).isEqualTo(sorted(keys));
    assertThat(store.list("p/")).extracting(StoredObject::key).hasSize(5).doesNotContain("q/a");
    assertThat(store.list("p/a"))
        .extracting(StoredObject::key)
        .containsExactly("p/a-b", "p/a/b", "p/a/c/d", "p/a0");
    assertThat(store.list("r/")).isEmpty();
    assertThat(store.list("p/b")).first().extracting(StoredObject::size).isEqualTo(3L);
  }

  @Test
  void aVisitorCanHaveSeenEnough() throws Exception {
    store.put("a", Content.of("a"), WriteOptions.CREATE);
    store.put("b", Content.of("b"), WriteOptions.CREATE);
    List<String> seen = new ArrayList<>();

    store.list(
        "",
        object -> {
          seen.add(object.key());
          return false;
        });

    assertThat(seen).containsExactly("a");
  }

  @Test
  void foldersAreNamed() throws Exception {
    store.put("base/20260101T000000/backup.info", Content.of("x"), WriteOptions.CREATE);
    store.put("base/20260102T000000/a/b", Content.of("x"), WriteOptions.CREATE);
    store.put("base/file", Content.of("x"), WriteOptions.CREATE);

    assertThat(store.folders("base/")).containsExactly("20260101T000000", "20260102T000000");
    assertThat(store.folders("")).containsExactly("base");
    assertThat(store.folders("nothing/")).isEmpty();
  }

  @Test
  void whatIsDeletedIsGoneAndWhatIsMissingCountsAsDeleted() throws Exception {
    store.put("f/a", Content.of("a"), WriteOptions.CREATE);
    store.put("f/b", Content.of("b"), WriteOptions.CREATE);

    store.delete(List.of("f/a", "f/never"));

    assertThat(store.list("")).extracting(StoredObject::key).containsExactly("f/b");
    store.delete(List.of());
    store.delete(List.of("f/b"));
    assertThat(store.folders("")).isEmpty();
  }

  @Test
  void manyAreDeletedAtOnceAndNobodyMissesOne() throws Exception {
    List<String> keys = new ArrayList<>();
    // More than any store takes in one request, but for S3.
    for (int i = 0; i < 260; i++) {
      keys.add("many/with a space & more/%03d".formatted(i));
      store.put(keys.getLast(), Content.of("x"), WriteOptions.CREATE);
    }
    store.put("many/stays", Content.of("x"), WriteOptions.CREATE);
    keys.add(7, "many/never");

    store.delete(keys);

    assertThat(store.list("")).extracting(StoredObject::key).containsExactly("many/stays");
  }

  @Test
  void anUploadIsInvisibleUntilItIsComplete() throws Exception {
    int partSize = store.partLimits().clamp(1);
    byte[] bytes = random(2 * partSize + 123);
    Upload upload = store.upload("big", partSize, WriteOptions.CREATE);
    upload.part(1, bytes, partSize);
    upload.part(2, tail(bytes, partSize), partSize);
    upload.part(3, tail(bytes, 2 * partSize), 123);
    assertThat(store.find("big")).isEmpty();
    assertThat(store.list("")).isEmpty();

    upload.complete();

    try (Download download = store.read("big", 0, null)) {
      assertThat(download.content().readAllBytes()).isEqualTo(bytes);
    }
  }

  @Test
  void anAbortedUploadLeavesNothing() throws Exception {
    int partSize = store.partLimits().clamp(1);
    Upload upload = store.upload("big", partSize, WriteOptions.CREATE);
    upload.part(1, random(partSize), partSize);

    upload.abort();

    assertThat(store.find("big")).isEmpty();
    assertThat(store.list("")).isEmpty();
  }

  @Test
  void anUploadNeverReplacesWhatAppearedMeanwhile() throws Exception {
    int partSize = store.partLimits().clamp(1);
    Upload upload = store.upload("big", partSize, WriteOptions.CREATE);
    upload.part(1, random(partSize), partSize);
    // Azurite takes blocks that aren't committed yet for a blob, so this one may replace it.
    store.put("big", Content.of("quicker"), WriteOptions.REPLACE);

    assertFails(
        Kind.EXISTS,
        () -> {
          upload.complete();
          return null;
        });
    upload.abort();
    assertThat(read("big")).isEqualTo("quicker");
  }

  @Test
  void aStreamOfUnknownLengthBecomesOneObject() throws Exception {
    int partSize = store.partLimits().clamp(1);
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      for (int length : new int[] {0, 1, partSize, partSize + 1, 3 * partSize}) {
        String key = "stream-" + length;
        byte[] bytes = random(length);
        PartBuffers buffers = new PartBuffers(2, partSize);
        try (PartedOutputStream out =
            new PartedOutputStream(store, key, WriteOptions.CREATE, buffers, threads)) {
          out.write(bytes);
          assertThat(store.find(key)).isEmpty();
          out.complete();
        }
        try (ResumingInputStream in = ResumingInputStream.open(store, key)) {
          assertThat(in.readAllBytes()).isEqualTo(bytes);
        }
      }
    }
  }

  @Test
  void aStreamThatIsClosedTooEarlyLeavesNothing() throws Exception {
    int partSize = store.partLimits().clamp(1);
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      PartBuffers buffers = new PartBuffers(2, partSize);
      try (PartedOutputStream out =
          new PartedOutputStream(store, "given-up", WriteOptions.CREATE, buffers, threads)) {
        out.write(random(2 * partSize + 1));
      }
    }
    assertThat(store.list("")).isEmpty();
  }

  @Test
  void tagsDoNoHarm() throws Exception {
    store.put(
        "tagged", Content.of("x"), WriteOptions.CREATE.tagged(Map.of("team", "storage", "a", "b")));

    assertThat(read("tagged")).isEqualTo("x");
  }

  @Test
  void keysThatLeaveTheRootAreRefused() {
    for (String key : List.of("", "/a", "a//b", "../a", "a/../../b", "a/", "./a")) {
      assertThatThrownBy(() -> store.find(key)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  String read(String key) throws IOException {
    try (Download download = store.read(key, 0, null)) {
      return new String(download.content().readAllBytes(), UTF_8);
    }
  }

  static void assertFails(Kind kind, Callable<?> call) {
    assertThatThrownBy(call::call)
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind));
  }

  static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  static byte[] tail(byte[] bytes, int from) {
    return java.util.Arrays.copyOfRange(bytes, from, bytes.length);
  }

  private static List<String> sorted(List<String> keys) {
    return keys.stream().sorted().toList();
  }
}
