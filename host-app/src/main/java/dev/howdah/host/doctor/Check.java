package dev.howdah.host.doctor;

import java.util.List;

/** Looks for one kind of mistake. */
@FunctionalInterface
interface Check {

  /**
   * Examines the objects.
   *
   * @param objects what is in the cluster
   * @return what is wrong, in the objects' order
   */
  List<Finding> examine(ClusterObjects objects);
}
