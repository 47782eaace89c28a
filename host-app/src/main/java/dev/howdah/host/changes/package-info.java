/**
 * Which changes of Clusters' definitions are in the audit trail, by any replica, and the record of
 * those that no admission webhook saw: found by the leader, and told by {@code managedFields} as
 * far as these tell. What the webhooks see and how it is judged belongs to {@code admission}.
 */
@NullMarked
package dev.howdah.host.changes;

import org.jspecify.annotations.NullMarked;
