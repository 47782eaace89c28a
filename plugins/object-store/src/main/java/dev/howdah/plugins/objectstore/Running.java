package dev.howdah.plugins.objectstore;

import dev.howdah.plugins.objectstore.store.PartBuffers;
import dev.howdah.plugins.objectstore.wal.LookAhead;
import dev.howdah.plugins.objectstore.wal.WalArchiver;
import dev.howdah.plugins.objectstore.wal.WalRestorer;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What lives from the plugin's start to its stop. Thread-safe. */
final class Running implements AutoCloseable {

  private static final int WAL_PART = 5 << 20;

  private final ObjectStoreConfiguration configuration;
  private final OpenArchives archives;
  private final LookAhead archiver;
  private final CatalogueMetrics catalogueMetrics;
  private final BackupActivity backupActivity = new BackupActivity();
  private final StoreFaults faults;
  private final WalActivity walActivity;
  private final RetentionCare care;
  private @Nullable WalRestorer restorer;

  Running(
      ObjectStoreConfiguration configuration,
      OpenArchives archives,
      StoreFaults faults,
      CatalogueMetrics catalogueMetrics,
      RetentionCare care,
      WalActivity walActivity) {
    this.faults = faults;
    this.catalogueMetrics = catalogueMetrics;
    this.walActivity = walActivity;
    this.care = care;
    this.configuration = configuration;
    this.archives = archives;
    this.archiver =
        new LookAhead(
            new WalArchiver(new PartBuffers(walBuffers(configuration.walThreads()), WAL_PART)),
            configuration.walThreads());
  }

  /** A part is sent before the next is begun, so that a few do for any number of files. */
  private static int walBuffers(int threads) {
    return (int) Math.clamp(PartBuffers.affordable() / WAL_PART, 2, threads + 1);
  }

  /** The stores that are open. */
  OpenArchives archives() {
    return archives;
  }

  /** Sends WAL. */
  LookAhead archiver() {
    return archiver;
  }

  /** What became of WAL. */
  WalActivity walActivity() {
    return walActivity;
  }

  /** What became of backups. */
  BackupActivity backupActivity() {
    return backupActivity;
  }

  /** What stores failed at. */
  StoreFaults faults() {
    return faults;
  }

  /** Cares for the archives. */
  RetentionCare care() {
    return care;
  }

  /** What the archives' catalogues say. */
  CatalogueMetrics catalogueMetrics() {
    return catalogueMetrics;
  }

  /** Brings WAL back. Makes its spool directory when first asked: the operator's side has none. */
  synchronized WalRestorer restorer() throws IOException {
    WalRestorer known = restorer;
    if (known == null) {
      known = WalRestorer.open(Path.of(configuration.spool()), configuration.walThreads());
      restorer = known;
    }
    return known;
  }

  @Override
  public void close() {
    catalogueMetrics.close();
    care.close();
    archiver.close();
    synchronized (this) {
      if (restorer != null) {
        restorer.close();
      }
    }
    archives.close();
  }
}
