package dev.howdah.plugins.configuration.profile;

/** What a database is used for. */
public enum Workload {
  /** Web applications: many connections, short simple queries; the CPU is the limit. */
  WEB(200, 1, 4, 16, 100, 1),
  /** Online transactions: many short writes, some longer queries; the storage is the limit. */
  OLTP(300, 2, 8, 16, 100, 1),
  /** Data warehouses: few connections, large loads and complex queries. */
  DW(40, 4, 16, 8, 500, 2),
  /** Something of everything. */
  MIXED(100, 1, 4, 16, 100, 2);

  private final int connections;
  private final int minWalGigabytes;
  private final int maxWalGigabytes;
  private final int maintenanceShare;
  private final int statisticsTarget;
  private final int workMemShare;

  Workload(
      int connections,
      int minWalGigabytes,
      int maxWalGigabytes,
      int maintenanceShare,
      int statisticsTarget,
      int workMemShare) {
    this.connections = connections;
    this.minWalGigabytes = minWalGigabytes;
    this.maxWalGigabytes = maxWalGigabytes;
    this.maintenanceShare = maintenanceShare;
    this.statisticsTarget = statisticsTarget;
    this.workMemShare = workMemShare;
  }

  int connections() {
    return connections;
  }

  int minWalGigabytes() {
    return minWalGigabytes;
  }

  int maxWalGigabytes() {
    return maxWalGigabytes;
  }

  /** Which part of the memory {@code maintenance_work_mem} is. */
  int maintenanceShare() {
    return maintenanceShare;
  }

  int statisticsTarget() {
    return statisticsTarget;
  }

  /** By what {@code work_mem} is divided: longer queries sort more than once at a time. */
  int workMemShare() {
    return workMemShare;
  }
}
