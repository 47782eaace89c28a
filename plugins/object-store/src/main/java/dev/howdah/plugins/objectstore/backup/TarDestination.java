package dev.howdah.plugins.objectstore.backup;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.store.PartBuffers;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where the tar archives of PGDATA or of one tablespace go: what all that write them share.
 * Thread-safe.
 *
 * @param tablespace OID of the tablespace; empty for PGDATA
 * @param buffers memory for all of them together
 * @param uploads sends their parts
 * @param storedKeys takes the keys of archives before they are there; thread-safe
 * @param archives how many archives there are, which is the number of the next
 */
record TarDestination(
    Archive archive,
    String backupId,
    Optional<Long> tablespace,
    BackupSettings settings,
    PartBuffers buffers,
    Executor uploads,
    BackupProgress progress,
    ManifestWriter manifest,
    List<String> storedKeys,
    AtomicInteger archives) {}
