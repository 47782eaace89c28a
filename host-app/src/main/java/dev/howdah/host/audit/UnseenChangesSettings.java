package dev.howdah.host.audit;

import java.time.Duration;

/**
 * Whether and how changes are recorded that no admission webhook saw.
 *
 * @param enabled whether they are
 * @param interval how long the leader rests between two rounds over all Clusters
 * @param grace how long a change is left to the webhook of another replica before it counts as
 *     unseen
 */
public record UnseenChangesSettings(boolean enabled, Duration interval, Duration grace) {}
