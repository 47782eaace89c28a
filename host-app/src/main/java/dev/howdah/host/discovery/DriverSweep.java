package dev.howdah.host.discovery;

import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes a plugin's JDBC drivers out of the JDK's list. The JDK shows and removes them only to
 * classes of the loader they came from, so a {@link PluginClassLoader} adopts this class.
 */
final class DriverSweep {

  private DriverSweep() {}

  /** Removes the drivers of this class's loader; answers their names. */
  static List<String> sweep() {
    List<String> removed = new ArrayList<>();
    for (Driver driver : DriverManager.drivers().toList()) {
      if (driver.getClass().getClassLoader() == DriverSweep.class.getClassLoader()) {
        try {
          DriverManager.deregisterDriver(driver);
        } catch (SQLException stays) {
          // It is reported all the same, which is all that can be done.
        }
        removed.add(driver.getClass().getName());
      }
    }
    return removed;
  }
}
