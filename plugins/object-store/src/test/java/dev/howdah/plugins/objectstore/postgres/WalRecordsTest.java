package dev.howdah.plugins.objectstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.backup.BaseBackup.Made;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.layout.Lsn;
import dev.howdah.plugins.objectstore.layout.WalHeader;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.recovery.BackupVerification;
import dev.howdah.plugins.objectstore.store.DirectoryStore;
import dev.howdah.plugins.objectstore.store.StoredObject;
import dev.howdah.plugins.objectstore.wal.WalRecordChain;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every record of WAL that a real PostgreSQL wrote is followed, and what is wrong with one is
 * named.
 */
@ExtendWith(LostDatabase.Extension.class)
class WalRecordsTest {

  private static final int PAGE = 8192;
  private static final int SYSTEM_ID = 24;

  @TempDir Path root;

  private final Archive archive;
  private final Made first;
  private final Made second;

  WalRecordsTest(LostDatabase lost) {
    this.archive = lost.archive;
    this.first = lost.first;
    this.second = lost.second;
  }

  @Test
  void bothBackupsAreFoundSound() throws Exception {
    for (Made made : List.of(first, second)) {
      BackupVerification found =
          BackupVerification.of(archive, Catalogue.read(archive).find(made.id()).orElseThrow());
      assertThat(found.problems()).isEmpty();
      assertThat(found.bytes()).isGreaterThan(1_000_000);
    }
  }

  @Test
  void everyRecordOfTheWalIsFollowedFromSegmentToSegment() throws Exception {
    WalRecordChain chain = new WalRecordChain();
    for (WalName.Segment name : archivedSegments()) {
      assertThat(followed(chain, name, wal(name))).as(name.name()).isEmpty();
    }

    assertThat(archivedSegments()).hasSizeGreaterThan(3);
    // Each row alone has one.
    assertThat(chain.records()).isGreaterThan(110_000);
  }

  @Test
  void aFlippedByteInARecordIsFoundWithItsPosition() throws Exception {
    WalName.Segment name = archivedSegments().get(1);
    byte[] segment = wal(name);
    int record = firstRecord(segment);
    segment[record + 24] ^= 0x10;
    Lsn position = new Lsn(header(segment).pageAddress().value() + record);

    assertThat(followed(new WalRecordChain(), name, segment))
        .contains("the record at %s has a wrong CRC".formatted(position));
  }

  @Test
  void aPageOfAnotherSegmentIsFound() throws Exception {
    List<WalName.Segment> names = archivedSegments();
    byte[] segment = wal(names.get(0));
    System.arraycopy(wal(names.get(1)), 3 * PAGE, segment, 3 * PAGE, PAGE);
    Lsn position = new Lsn(header(segment).pageAddress().value() + 3 * PAGE);

    assertThat(followed(new WalRecordChain(), names.get(0), segment))
        .contains("the page at %s is not WAL of this segment".formatted(position));
  }

  @Test
  void verificationNamesWalWithABrokenRecordAndWalOfAnotherDatabase() throws Exception {
    WalName.Segment name = (WalName.Segment) WalName.parse(first.info().beginWal().orElseThrow());
    byte[] segment = wal(name);
    byte[] flipped = segment.clone();
    int record = firstRecord(flipped);
    flipped[record + 24] ^= 0x01;
    byte[] foreign = segment.clone();
    foreign[SYSTEM_ID] ^= 0x01;

    assertThat(problemsWith(name, segment)).isEmpty();
    assertThat(problemsWith(name, flipped))
        .singleElement()
        .asString()
        .startsWith("WAL " + name.name() + " is damaged: the record at ")
        .endsWith("has a wrong CRC");
    assertThat(problemsWith(name, foreign))
        .singleElement()
        .asString()
        .isEqualTo(
            "WAL %s is of the database with system identifier %s"
                .formatted(name.name(), header(foreign).systemIdText()));
  }

  private List<WalName.Segment> archivedSegments() throws Exception {
    return archive.store().list(archive.layout().wals()).stream()
        .map(object -> Codec.LZ4.strip(object.name()))
        .filter(WalName::isOne)
        .map(WalName::parse)
        .filter(WalName.Segment.class::isInstance)
        .map(WalName.Segment.class::cast)
        .filter(segment -> segment.timeline() == 1)
        .sorted(Comparator.comparing(WalName.Segment::name))
        .toList();
  }

  private byte[] wal(WalName.Segment name) throws Exception {
    try (InputStream in = archive.open(archive.layout().wal(name, Codec.LZ4), Codec.LZ4)) {
      return in.readAllBytes();
    }
  }

  private static WalHeader header(byte[] segment) {
    return WalHeader.parse(segment).orElseThrow();
  }

  private static Optional<String> followed(
      WalRecordChain chain, WalName.Segment name, byte[] segment) throws Exception {
    assertThat(header(segment).contradiction(name, segment.length)).isEmpty();
    return chain.follow(new ByteArrayInputStream(segment), header(segment));
  }

  // A page's header says at its 16th byte how much of the record from before goes on there.
  private static int firstRecord(byte[] segment) {
    ByteBuffer pages = ByteBuffer.wrap(segment).order(ByteOrder.nativeOrder());
    int page = 0;
    int header = WalHeader.LENGTH;
    while (pages.getInt(page + 16) > PAGE - header - 64) {
      page += PAGE;
      header = 24;
    }
    return page + (header + pages.getInt(page + 16) + 7) / 8 * 8;
  }

  // Of the first backup, in an archive that has one segment instead of what was archived.
  private List<String> problemsWith(WalName.Segment name, byte[] segment) throws Exception {
    Path copy = Files.createTempDirectory(root, "copy");
    Archive altered = new Archive(DirectoryStore.open(copy), archive.layout());
    for (StoredObject object : archive.store().list("")) {
      if (!object.name().startsWith(name.name())) {
        Files.createDirectories(copy.resolve(object.key()).getParent());
        try (InputStream in = archive.open(object.key(), Codec.NONE)) {
          Files.copy(in, copy.resolve(object.key()));
        }
      }
    }
    Files.write(copy.resolve(altered.layout().wal(name, Codec.NONE)), segment);
    return BackupVerification.of(altered, Catalogue.read(altered).find(first.id()).orElseThrow())
        .problems();
  }
}
