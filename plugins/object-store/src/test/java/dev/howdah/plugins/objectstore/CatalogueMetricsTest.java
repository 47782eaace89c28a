package dev.howdah.plugins.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.layout.ArchiveLayout;
import dev.howdah.plugins.objectstore.store.DirectoryStore;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogueMetricsTest {

  @Test
  void whatEndsWhileThePluginStopsIsNotDisturbed(@TempDir Path root) throws Exception {
    Archive archive = new Archive(DirectoryStore.open(root), new ArchiveLayout("main"));
    AtomicBoolean told = new AtomicBoolean();
    CatalogueMetrics metrics = new CatalogueMetrics();
    metrics.close();

    assertThatCode(() -> metrics.refresh(archive, catalogue -> told.set(true)))
        .doesNotThrowAnyException();
    assertThatCode(() -> metrics.samples(archive, Optional.empty())).doesNotThrowAnyException();
    assertThat(told).isFalse();
  }
}
