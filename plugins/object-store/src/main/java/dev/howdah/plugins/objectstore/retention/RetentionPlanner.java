package dev.howdah.plugins.objectstore.retention;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.archive.Catalogue.Entry;
import dev.howdah.plugins.objectstore.archive.Progress;
import dev.howdah.plugins.objectstore.archive.VerificationRecord;
import dev.howdah.plugins.objectstore.layout.BackupId;
import dev.howdah.plugins.objectstore.layout.BackupInfo;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.recovery.BackupParts;
import dev.howdah.plugins.objectstore.retention.RetentionPlan.Doomed;
import dev.howdah.plugins.objectstore.retention.RetentionPlan.DoomedWal;
import dev.howdah.plugins.objectstore.retention.RetentionPlan.Rule;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Plans what an archive no longer needs. The window's rule is Barman's: going back from the newest
 * backup, all are kept up to and including the first that ended before the window. Beyond that,
 * only backups count whose archives and WAL are there and that no verification has found unsound;
 * towards the minimum redundancy, by the policy, only those that one has found sound. A plan is
 * made from a complete listing or not at all; and an archive that isn't clearly one database's is
 * left alone. For one plan.
 */
public final class RetentionPlanner {

  // A backup that is being made has no backup.info; none takes this long and is older than others.
  private static final Duration LEFTOVER_AGE = Duration.ofDays(1);
  private static final String STANDALONE = "standalone";

  private final Archive archive;
  private final RetentionPolicy policy;
  private final Instant now;
  private final Progress progress;
  private final List<String> remarks = new ArrayList<>();
  private final List<String> held = new ArrayList<>();
  private final Map<String, Boolean> usable = new HashMap<>();
  private final Map<String, Optional<VerificationRecord>> verifications = new HashMap<>();

  private RetentionPlanner(
      Archive archive, RetentionPolicy policy, Instant now, Progress progress) {
    this.archive = archive;
    this.policy = policy;
    this.now = now;
    this.progress = progress;
  }

  /**
   * Makes a plan; nothing is deleted.
   *
   * @param systemId the database that the archive must be of, if that is known
   * @throws IOException if the archive can't be read completely
   */
  public static RetentionPlan plan(
      Archive archive, RetentionPolicy policy, Instant now, Optional<String> systemId)
      throws IOException {
    return plan(archive, Catalogue.read(archive), policy, now, systemId, Progress.NONE);
  }

  /**
   * The same, for somebody who waits for it.
   *
   * @param catalogue what was read of the archive just now
   * @param progress is told of folders of WAL
   */
  public static RetentionPlan plan(
      Archive archive,
      Catalogue catalogue,
      RetentionPolicy policy,
      Instant now,
      Optional<String> systemId,
      Progress progress)
      throws IOException {
    return new RetentionPlanner(archive, policy, now, progress).plan(catalogue, systemId);
  }

  private RetentionPlan plan(Catalogue catalogue, Optional<String> systemId) throws IOException {
    List<Entry> newestFirst =
        catalogue.restorable().stream()
            .sorted(
                Comparator.comparing((Entry entry) -> entry.info().endTime().orElse(Instant.MIN))
                    .reversed())
            .toList();
    Optional<String> refusal = refusal(catalogue, systemId);
    if (refusal.isPresent()) {
      return RetentionPlan.refused(refusal.get());
    }
    Set<String> needed = neededForWindow(newestFirst);
    if (!usable.containsValue(true)) {
      return RetentionPlan.refused(
          "no backup of %s is whole, so nothing is deleted".formatted(archive.location()));
    }
    remarkHeld();
    protectAncestors(newestFirst, needed);
    List<Entry> kept = new ArrayList<>();
    List<Doomed> doomed = new ArrayList<>();
    for (Entry entry : newestFirst) {
      if (needed.contains(entry.id()) || entry.kept().isPresent()) {
        kept.add(entry);
      } else {
        doomed.add(new Doomed(entry.id(), Rule.OUTSIDE_WINDOW));
      }
    }
    Instant oldestKept = oldestNeeded(kept, needed);
    addFailed(catalogue, oldestKept, doomed);
    addLeftovers(catalogue, oldestKept, doomed);
    doomed.sort(Comparator.comparing(Doomed::id));
    return new RetentionPlan(
        Optional.empty(), doomed, unneededWal(kept, needed), kept, held, remarks);
  }

  private Optional<String> refusal(Catalogue catalogue, Optional<String> systemId) {
    Set<String> databases = catalogue.databases();
    if (databases.isEmpty()) {
      return Optional.of(
          "%s has no backup that can be restored, so nothing is deleted"
              .formatted(archive.location()));
    }
    if (databases.size() > 1) {
      return Optional.of(
          "%s holds backups of several databases, so nothing is deleted"
              .formatted(archive.location()));
    }
    if (systemId.isPresent() && !databases.contains(systemId.get())) {
      return Optional.of(
          "%s holds backups of another database, so nothing is deleted"
              .formatted(archive.location()));
    }
    return Optional.empty();
  }

  private Set<String> neededForWindow(List<Entry> newestFirst) throws IOException {
    Instant begin = now.minus(policy.window());
    Set<String> needed = new HashSet<>();
    int counted = 0;
    int found = 0;
    boolean covered = false;
    for (Entry entry : newestFirst) {
      if (covered && counted >= policy.minimumRedundancy()) {
        break;
      }
      boolean enough = covered && found >= policy.minimumRedundancy();
      needed.add(entry.id());
      if (enough) {
        held.add(entry.id());
      }
      boolean counts = counts(entry);
      // Of those that could only be counted it is enough to look at the ones that would be.
      if ((counts || !enough) && isUsable(entry)) {
        found++;
        counted += counts ? 1 : 0;
        covered = covered || entry.info().endTime().orElse(now).isBefore(begin);
      }
    }
    return needed;
  }

  private boolean counts(Entry entry) throws IOException {
    return switch (policy.counting()) {
      case VERIFIED -> verification(entry).filter(VerificationRecord::sound).isPresent();
      case WHOLE -> true;
    };
  }

  private Optional<VerificationRecord> verification(Entry entry) throws IOException {
    Optional<VerificationRecord> known = verifications.get(entry.id());
    if (known == null) {
      known = VerificationRecord.read(archive, entry);
      verifications.put(entry.id(), known);
    }
    return known;
  }

  private void remarkHeld() {
    if (!held.isEmpty()) {
      remarks.add(
          ("%d backups, %s the newest of them, stay only because fewer than %d newer ones were"
                  + " found sound: have backups verified, or count them without")
              .formatted(held.size(), held.getFirst(), policy.minimumRedundancy()));
    }
  }

  private boolean isUsable(Entry entry) throws IOException {
    Boolean known = usable.get(entry.id());
    if (known == null) {
      known = !isUnsound(entry) && checkWhole(entry);
      usable.put(entry.id(), known);
    }
    return known;
  }

  private boolean isUnsound(Entry entry) throws IOException {
    Optional<VerificationRecord> record = verification(entry);
    if (record.isEmpty() || record.get().sound()) {
      return false;
    }
    remarks.add("backup %s was found unsound and counts for nothing".formatted(entry.id()));
    return true;
  }

  // What can be told without reading the backup.
  private boolean checkWhole(Entry entry) throws IOException {
    try {
      BackupParts.find(archive, entry);
    } catch (PluginException e) {
      remarks.add(String.valueOf(e.getMessage()));
      return false;
    }
    for (Optional<String> name : List.of(entry.info().beginWal(), entry.info().endWal())) {
      if (name.isEmpty() || archive.find(WalName.parse(name.get())).isEmpty()) {
        remarks.add(
            "backup %s can't be restored: its WAL %s is missing"
                .formatted(entry.id(), name.orElse("")));
        return false;
      }
    }
    return true;
  }

  // Incremental backups, which Barman's server makes, need those that they build on.
  private static void protectAncestors(List<Entry> entries, Set<String> needed) {
    Map<String, Entry> byId = entries.stream().collect(Collectors.toMap(Entry::id, entry -> entry));
    List<Entry> open =
        new ArrayList<>(
            entries.stream()
                .filter(entry -> needed.contains(entry.id()) || entry.kept().isPresent())
                .toList());
    while (!open.isEmpty()) {
      Entry next = open.removeLast();
      next.info()
          .parentBackupId()
          .map(byId::get)
          .filter(parent -> needed.add(parent.id()))
          .ifPresent(open::add);
    }
  }

  private static Instant oldestNeeded(List<Entry> kept, Set<String> needed) {
    return kept.stream()
        .filter(entry -> needed.contains(entry.id()))
        .map(entry -> entry.info().beginTime().orElse(Instant.MIN))
        .min(Comparator.naturalOrder())
        .orElse(Instant.MIN);
  }

  private static void addFailed(Catalogue catalogue, Instant oldestKept, List<Doomed> doomed) {
    for (Entry entry : catalogue.backups()) {
      if (entry.info().status().equals(BackupInfo.FAILED)
          && entry.kept().isEmpty()
          && entry.info().beginTime().filter(began -> began.isBefore(oldestKept)).isPresent()) {
        doomed.add(new Doomed(entry.id(), Rule.FAILED));
      }
    }
  }

  private void addLeftovers(Catalogue catalogue, Instant oldestKept, List<Doomed> doomed) {
    Instant latest = now.minus(LEFTOVER_AGE);
    Instant before = oldestKept.isBefore(latest) ? oldestKept : latest;
    for (String id : catalogue.leftovers()) {
      if (BackupId.isOne(id) && id.compareTo(BackupId.at(before)) < 0) {
        doomed.add(new Doomed(id, Rule.LEFTOVER));
      }
    }
  }

  private List<DoomedWal> unneededWal(List<Entry> kept, Set<String> needed) throws IOException {
    Set<Long> sizes =
        kept.stream().map(entry -> entry.info().segmentSize()).collect(Collectors.toSet());
    if (sizes.size() != 1) {
      remarks.add("the backups' WAL segments differ in size, so no WAL is deleted");
      return List.of();
    }
    if (kept.stream().anyMatch(entry -> entry.info().beginLsn().isEmpty())) {
      remarks.add("a backup doesn't say where its WAL begins, so no WAL is deleted");
      return List.of();
    }
    return UnneededWal.of(
        archive,
        sizes.iterator().next(),
        kept.stream()
            .filter(
                entry ->
                    needed.contains(entry.id())
                        || !entry.kept().map(String::strip).orElse("").equals(STANDALONE))
            .toList(),
        kept,
        progress);
  }
}
