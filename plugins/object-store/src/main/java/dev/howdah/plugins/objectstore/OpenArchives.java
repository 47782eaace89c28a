package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Failures;
import dev.howdah.plugins.objectstore.config.ObjectStoreReader;
import dev.howdah.plugins.objectstore.config.ObjectStoreResources;
import dev.howdah.plugins.objectstore.config.ObjectStoreSpec;
import dev.howdah.plugins.objectstore.config.Secrets;
import dev.howdah.plugins.objectstore.config.StoreOpener;
import dev.howdah.plugins.objectstore.layout.ArchiveLayout;
import dev.howdah.plugins.objectstore.store.Store;
import dev.howdah.plugins.objectstore.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps stores open, with their connections, from call to call. Every few seconds it looks whether
 * the ObjectStore or a Secret has changed, which so holds without a restart. Thread-safe.
 */
final class OpenArchives implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(OpenArchives.class);
  private static final long FRESH_NANOS = Duration.ofSeconds(10).toNanos();

  private final ObjectStoreConfiguration configuration;
  private final ObjectStoreResources resources;
  private final StoreOpener opener;
  private final StoreFaults faults;
  private final Map<String, Kept> kept = new HashMap<>();
  private final Set<String> noticed = new HashSet<>();
  private final ReplacedStores replaced = new ReplacedStores();

  OpenArchives(
      ObjectStoreConfiguration configuration, ObjectStoreResources resources, StoreFaults faults) {
    this.faults = faults;
    this.configuration = configuration;
    this.resources = resources;
    this.opener = new StoreOpener(new Secrets(Path.of(configuration.secrets())));
  }

  /**
   * An archive that a Cluster uses.
   *
   * @param wal the archive, with a store that encrypts as WAL is to be
   * @param data the same archive, with a store that encrypts as base backups are to be
   * @param spec how it is configured
   */
  record Opened(Archive wal, Archive data, ObjectStoreSpec spec) {}

  /**
   * A store, and what those who use it have of it.
   *
   * @param handle counts what the store fails at
   */
  private record Held(Store handle, Store store) {}

  private record Kept(String fingerprint, ObjectStoreSpec spec, Held wal, Held data, long looked) {
    Stream<Held> stores() {
      return Stream.of(wal, data).distinct();
    }
  }

  /**
   * Opens an archive.
   *
   * @param namespace the Cluster's
   * @param parameters the Cluster's
   * @param cluster the Cluster's name, which is the server's unless the parameters say otherwise
   * @throws PluginException if the ObjectStore isn't there or can't be used
   */
  Opened open(String namespace, ObjectStoreParameters parameters, String cluster) {
    ArchiveLayout layout;
    try {
      layout = new ArchiveLayout(parameters.serverName().orElse(cluster));
    } catch (IllegalArgumentException e) {
      throw new PluginException(PluginException.Kind.INVALID, String.valueOf(e.getMessage()), e);
    }
    Kept store = store(namespace, parameters.barmanObjectName());
    return new Opened(
        new Archive(store.wal().handle(), layout),
        new Archive(store.data().handle(), layout),
        store.spec());
  }

  private synchronized Kept store(String namespace, Optional<String> name) {
    String key = namespace + "/" + name.orElse("");
    Kept known = kept.get(key);
    if (known != null && System.nanoTime() - known.looked() < FRESH_NANOS) {
      return known;
    }
    try {
      ObjectStoreSpec spec = name.isPresent() ? read(namespace, name.get()) : embedded();
      String fingerprint = opener.fingerprint(spec);
      if (known != null && known.fingerprint().equals(fingerprint)) {
        Kept same = new Kept(fingerprint, spec, known.wal(), known.data(), System.nanoTime());
        kept.put(key, same);
        return same;
      }
      Held wal = hold(spec, spec.wal().encryption());
      Held data =
          spec.data().encryption() == spec.wal().encryption()
              ? wal
              : hold(spec, spec.data().encryption());
      Kept opened = new Kept(fingerprint, spec, wal, data, System.nanoTime());
      kept.put(key, opened);
      if (known != null) {
        known.stores().forEach(held -> replaced.closeWhenUnused(held.handle(), held.store()));
      }
      return opened;
    } catch (IOException e) {
      throw Failures.translate(
          "open "
              + name.map("the store of ObjectStore '%s'"::formatted)
                  .orElse("the host's own directory"),
          e);
    }
  }

  private Held hold(ObjectStoreSpec spec, ObjectStoreSpec.Encryption encryption)
      throws StoreException {
    Store store = opener.open(spec, encryption);
    return new Held(faults.counting(store), store);
  }

  private ObjectStoreSpec read(String namespace, String name) {
    ObjectStoreReader.Result result = resources.read(namespace, name);
    for (String notice : result.notices()) {
      String objectStore = namespace + "/" + name;
      if (noticed.add(objectStore + ": " + notice)) {
        log.atInfo().addKeyValue("objectStore", objectStore).log(notice);
      }
    }
    return result.spec();
  }

  private ObjectStoreSpec embedded() throws IOException {
    Path directory = Path.of(configuration.directory()).toAbsolutePath().normalize();
    Files.createDirectories(directory);
    return ObjectStoreSpec.of(directory.toUri().toString());
  }

  @Override
  public synchronized void close() {
    kept.values().stream().flatMap(Kept::stores).forEach(held -> held.store().close());
    kept.clear();
    replaced.close();
  }
}
