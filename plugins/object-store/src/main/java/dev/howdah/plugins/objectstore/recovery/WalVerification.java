package dev.howdah.plugins.objectstore.recovery;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Archive.StoredWal;
import dev.howdah.plugins.objectstore.layout.WalHeader;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.layout.WalSegment;
import dev.howdah.plugins.objectstore.store.StoreException;
import dev.howdah.plugins.objectstore.wal.WalRecordChain;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/**
 * Reads stored segments one after the other and says what is wrong with each: that it is there, of
 * the right database and place, and that every record in it is whole and follows the one before,
 * also from segment to segment. For one thread.
 */
final class WalVerification {

  private final Archive archive;
  private final Optional<String> systemId;
  private final long segmentSize;
  private WalRecordChain chain = new WalRecordChain();
  private long bytes;

  /**
   * Begins with no segment.
   *
   * @param systemId the database that all WAL must be of, if that is known
   * @param segmentSize size of a segment in bytes
   */
  WalVerification(Archive archive, Optional<String> systemId, long segmentSize) {
    this.archive = archive;
    this.systemId = systemId;
    this.segmentSize = segmentSize;
  }

  /** How many bytes were read, as they are stored. */
  long bytes() {
    return bytes;
  }

  /** Takes note that segments are left out: records can't be followed over them. */
  void interrupt() {
    chain = new WalRecordChain();
  }

  /**
   * Reads the next segment.
   *
   * @param stored the objects that hold it, of which a restore takes a compressed one
   * @return what is wrong with it, in a sentence that names it
   * @throws StoreException if the store can't be read
   */
  Optional<String> next(WalSegment segment, Collection<StoredWal> stored) throws StoreException {
    String name = segment.name(segmentSize);
    Optional<StoredWal> found = stored.stream().max(Comparator.comparing(StoredWal::codec));
    Optional<String> problem =
        found.isEmpty()
            ? Optional.of("WAL %s is missing".formatted(name))
            : read(name, found.get()).map(why -> "WAL %s %s".formatted(name, why));
    if (problem.isPresent()) {
      interrupt();
    }
    return problem;
  }

  private Optional<String> read(String name, StoredWal stored) throws StoreException {
    bytes += stored.object().size();
    try (InputStream in = archive.open(stored.object().key(), stored.codec())) {
      return check(in, (WalName.Segment) WalName.parse(name));
    } catch (StoreException e) {
      if (e.kind() == StoreException.Kind.NOT_FOUND) {
        return Optional.of("is missing");
      }
      throw e;
    } catch (IOException e) {
      return Optional.of("can't be decompressed");
    }
  }

  private Optional<String> check(InputStream in, WalName.Segment segment) throws IOException {
    byte[] head = in.readNBytes(WalHeader.LENGTH);
    Optional<WalHeader> header = WalHeader.parse(head);
    if (header.isEmpty()) {
      return Optional.of("does not begin like WAL");
    }
    if (systemId.filter(id -> !id.equals(header.get().systemIdText())).isPresent()) {
      return Optional.of(
          "is of the database with system identifier " + header.get().systemIdText());
    }
    Optional<String> wrong = header.get().contradiction(segment, segmentSize);
    if (wrong.isEmpty()) {
      InputStream whole = new SequenceInputStream(new ByteArrayInputStream(head), in);
      wrong = chain.follow(whole, header.get());
    }
    return wrong.map(why -> "is damaged: " + why);
  }
}
