package dev.howdah.host.changes;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Which changes of one Cluster are in the trail, by {@code metadata.generation}, which the API
 * server raises with each change of the spec and with nothing else.
 *
 * @param namespace the Cluster's namespace
 * @param name its name
 * @param uid its uid
 * @param upTo the generation up to which all are recorded; 0 if the first isn't
 * @param recorded of that generation and of those after it that are recorded, the beginning of the
 *     definition's digest; empty if not known
 * @param scaled numbers of instances that reviews of {@code clusters/scale} brought, which name no
 *     generation
 * @param since the latest time of a {@code managedFields} entry that is accounted for; empty for
 *     none
 * @param there whether the leader has seen the Cluster, so that it isn't one whose creation was
 *     reviewed and then refused
 * @param deleted whether its deletion is recorded
 */
record KnownChanges(
    String namespace,
    String name,
    String uid,
    long upTo,
    SortedMap<Long, String> recorded,
    SortedSet<Integer> scaled,
    String since,
    boolean there,
    boolean deleted) {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String PREFIX = "sha256:";
  private static final int DIGITS = 16;

  KnownChanges {
    recorded = Collections.unmodifiableSortedMap(new TreeMap<>(recorded));
    scaled = Collections.unmodifiableSortedSet(new TreeSet<>(scaled));
  }

  /**
   * Generations that follow on each other.
   *
   * @param first the first of them
   * @param last the last of them
   */
  record Range(long first, long last) {

    @Override
    public String toString() {
      return first == last ? Long.toString(first) : first + "-" + last;
    }
  }

  static KnownChanges none(String namespace, String name, String uid) {
    return new KnownChanges(
        namespace, name, uid, 0, new TreeMap<>(), new TreeSet<>(), "", false, false);
  }

  /**
   * Which generations nobody recorded.
   *
   * @param generation the last one that counts
   * @param digest the digest of its definition; empty if not known. A recorded one with another
   *     digest was refused in the end, and what has its number now is another change.
   */
  List<Range> missing(long generation, String digest) {
    List<Range> missing = new ArrayList<>();
    long next = upTo + 1;
    for (long known : recorded.headMap(generation + 1).keySet()) {
      if (known > next) {
        missing.add(new Range(next, known - 1));
      }
      next = Math.max(next, known + 1);
    }
    if (next <= generation) {
      missing.add(new Range(next, generation));
    } else if (differs(recorded.getOrDefault(generation, ""), digest)) {
      missing.add(new Range(generation, generation));
    }
    return missing;
  }

  private static boolean differs(String known, String digest) {
    return !known.isEmpty() && !digest.isEmpty() && !known.equals(brief(digest));
  }

  static String text(List<Range> ranges) {
    return ranges.stream().map(Range::toString).collect(Collectors.joining(", "));
  }

  /** One more that is recorded. */
  KnownChanges with(long generation, String digest, String time) {
    SortedMap<Long, String> more = new TreeMap<>(recorded);
    if (generation >= upTo) {
      more.put(generation, brief(digest));
    }
    long all = upTo;
    while (more.containsKey(all + 1)) {
      all++;
    }
    // Whoever wrote within a gap is still to be told of.
    String told = more.isEmpty() || more.lastKey() <= all ? later(since, time) : since;
    return new KnownChanges(
        namespace, name, uid, all, more.tailMap(all), scaled, told, there, false);
  }

  /** All up to one are recorded. */
  KnownChanges withAll(long generation, String digest, String time) {
    SortedMap<Long, String> more = new TreeMap<>(recorded.tailMap(generation));
    more.put(generation, brief(digest));
    return new KnownChanges(
            namespace,
            name,
            uid,
            Math.max(upTo, generation),
            more,
            new TreeSet<>(),
            since,
            true,
            deleted)
        .with(generation, digest, time);
  }

  KnownChanges withScaled(int instances) {
    SortedSet<Integer> more = new TreeSet<>(scaled);
    more.add(instances);
    return new KnownChanges(namespace, name, uid, upTo, recorded, more, since, there, false);
  }

  KnownChanges withDeleted() {
    return new KnownChanges(namespace, name, uid, upTo, recorded, scaled, since, there, true);
  }

  KnownChanges withThere() {
    return new KnownChanges(namespace, name, uid, upTo, recorded, scaled, since, true, deleted);
  }

  /** The beginning of a digest, which is enough to tell definitions of one Cluster apart. */
  static String brief(String digest) {
    String hex = digest.startsWith(PREFIX) ? digest.substring(PREFIX.length()) : digest;
    return hex.substring(0, Math.min(DIGITS, hex.length()));
  }

  /** The later of two times as the API server writes them. */
  static String later(String one, String other) {
    return instant(other).isAfter(instant(one)) ? other : one;
  }

  static Instant instant(String time) {
    try {
      return Instant.parse(time);
    } catch (DateTimeParseException e) {
      return Instant.MIN;
    }
  }

  String write() {
    ObjectNode node =
        JSON.createObjectNode()
            .put("namespace", namespace)
            .put("name", name)
            .put("uid", uid)
            .put("upTo", upTo);
    ObjectNode digests = node.putObject("recorded");
    recorded.forEach((generation, digest) -> digests.put(Long.toString(generation), digest));
    scaled.forEach(node.withArrayProperty("scaled")::add);
    node.put("since", since).put("there", there).put("deleted", deleted);
    return JSON.writeValueAsString(node);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param line the line; one that somebody broke by hand counts as {@code none}
   */
  static KnownChanges parse(String line, KnownChanges none) {
    try {
      JsonNode node = JSON.readTree(line);
      SortedMap<Long, String> recorded = new TreeMap<>();
      node.path("recorded")
          .properties()
          .forEach(one -> recorded.put(Long.valueOf(one.getKey()), one.getValue().asString("")));
      SortedSet<Integer> scaled = new TreeSet<>();
      node.path("scaled").forEach(instances -> scaled.add(instances.asInt(0)));
      return new KnownChanges(
          node.path("namespace").asString(""),
          node.path("name").asString(""),
          node.path("uid").asString(""),
          node.path("upTo").asLong(0),
          recorded,
          scaled,
          node.path("since").asString(""),
          node.path("there").asBoolean(false),
          node.path("deleted").asBoolean(false));
    } catch (JacksonException | NumberFormatException e) {
      return none;
    }
  }
}
