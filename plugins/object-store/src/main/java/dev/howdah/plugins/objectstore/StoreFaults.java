package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.metrics.MetricDefinition;
import dev.howdah.plugin.metrics.MetricSample;
import dev.howdah.plugins.objectstore.store.Content;
import dev.howdah.plugins.objectstore.store.Download;
import dev.howdah.plugins.objectstore.store.ForwardingStore;
import dev.howdah.plugins.objectstore.store.Store;
import dev.howdah.plugins.objectstore.store.StoreException;
import dev.howdah.plugins.objectstore.store.StoreException.Kind;
import dev.howdah.plugins.objectstore.store.StoredObject;
import dev.howdah.plugins.objectstore.store.Upload;
import dev.howdah.plugins.objectstore.store.WriteOptions;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Counts what stores failed at since the process started, by kind. What a store tried again by
 * itself and then did is no failure, nor is an object that isn't there or is there already, nor a
 * call that was interrupted. Thread-safe.
 */
final class StoreFaults {

  static final MetricDefinition ERRORS =
      MetricDefinition.counter(
          "howdah_object_store_errors_total",
          "Requests that the store failed at after all its attempts, and downloads that broke off.",
          "kind");

  private final Map<String, Map<Kind, AtomicLong>> counts = new ConcurrentHashMap<>();

  /** The same store, whose failures are counted. */
  Store counting(Store store) {
    return new Counted(store, of(store.location()));
  }

  /** How often a store failed, a sample for each kind. */
  List<MetricSample> samples(String location) {
    return of(location).entrySet().stream()
        .map(
            entry ->
                ERRORS.sample(
                    (double) entry.getValue().get(),
                    entry.getKey().name().toLowerCase(Locale.ROOT)))
        .toList();
  }

  // Kinds that never came are there from the beginning: a rate needs a zero to rise from.
  private Map<Kind, AtomicLong> of(String location) {
    return counts.computeIfAbsent(
        location,
        key -> {
          Map<Kind, AtomicLong> kinds = new EnumMap<>(Kind.class);
          for (Kind kind : Kind.values()) {
            if (isFault(kind)) {
              kinds.put(kind, new AtomicLong());
            }
          }
          return kinds;
        });
  }

  private static boolean isFault(Kind kind) {
    return switch (kind) {
      case NOT_FOUND, EXISTS, INTERRUPTED -> false;
      case CHANGED, DENIED, MISCONFIGURED, FULL, UNAVAILABLE -> true;
    };
  }

  private static final class Counted extends ForwardingStore {

    private final Map<Kind, AtomicLong> faults;

    Counted(Store store, Map<Kind, AtomicLong> faults) {
      super(store);
      this.faults = faults;
    }

    private interface Request<T> {
      T send() throws StoreException;
    }

    private <T> T counted(Request<T> request) throws StoreException {
      try {
        return request.send();
      } catch (StoreException e) {
        count(e.kind());
        throw e;
      }
    }

    private void count(Kind kind) {
      AtomicLong count = faults.get(kind);
      if (count != null) {
        count.incrementAndGet();
      }
    }

    @Override
    public Optional<StoredObject> find(String key) throws StoreException {
      return counted(() -> super.find(key));
    }

    @Override
    public Download read(String key, long offset, @Nullable String version) throws StoreException {
      Download download = counted(() -> super.read(key, offset, version));
      return new Download(download.object(), new CountedStream(download.content()));
    }

    @Override
    public void list(String prefix, Visitor visitor) throws StoreException {
      counted(
          () -> {
            super.list(prefix, visitor);
            return true;
          });
    }

    @Override
    public List<String> folders(String folder) throws StoreException {
      return counted(() -> super.folders(folder));
    }

    @Override
    public void put(String key, Content content, WriteOptions options) throws StoreException {
      counted(
          () -> {
            super.put(key, content, options);
            return true;
          });
    }

    @Override
    public Upload upload(String key, int partSize, WriteOptions options) throws StoreException {
      Upload upload = counted(() -> super.upload(key, partSize, options));
      return new Upload() {
        @Override
        public void part(int number, byte[] bytes, int length) throws StoreException {
          counted(
              () -> {
                upload.part(number, bytes, length);
                return true;
              });
        }

        @Override
        public void complete() throws StoreException {
          counted(
              () -> {
                upload.complete();
                return true;
              });
        }

        @Override
        public void abort() throws StoreException {
          counted(
              () -> {
                upload.abort();
                return true;
              });
        }
      };
    }

    @Override
    public void delete(Collection<String> keys) throws StoreException {
      counted(
          () -> {
            super.delete(keys);
            return true;
          });
    }

    private final class CountedStream extends FilterInputStream {

      CountedStream(InputStream in) {
        super(in);
      }

      @Override
      public int read() throws IOException {
        try {
          return in.read();
        } catch (IOException e) {
          throw counted(e);
        }
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        try {
          return in.read(bytes, offset, length);
        } catch (IOException e) {
          throw counted(e);
        }
      }

      private IOException counted(IOException failure) {
        if (failure instanceof StoreException known) {
          count(known.kind());
        } else if (!Thread.currentThread().isInterrupted()) {
          count(Kind.UNAVAILABLE);
        }
        return failure;
      }
    }
  }
}
