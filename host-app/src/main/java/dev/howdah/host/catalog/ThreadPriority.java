package dev.howdah.host.catalog;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernel's priority of single threads, which Linux knows and Java doesn't: {@link
 * Thread#setPriority} does nothing there. Elsewhere nothing happens here either.
 */
final class ThreadPriority {

  private static final Logger LOG = LoggerFactory.getLogger(ThreadPriority.class);
  private static final Path SELF = Path.of("/proc/thread-self");
  private static final int LOWEST = 19;

  private ThreadPriority() {}

  /** Linked when the first hook runs away, which most hosts never see. */
  private static final class Native {
    /** The whole of POSIX says "process"; on Linux the id of a thread means that thread alone. */
    private static final int PRIO_PROCESS = 0;

    private static final @Nullable MethodHandle SET = find();

    private static @Nullable MethodHandle find() {
      Linker linker = Linker.nativeLinker();
      return linker
          .defaultLookup()
          .find("setpriority")
          .map(
              function ->
                  linker.downcallHandle(
                      function,
                      FunctionDescriptor.of(
                          ValueLayout.JAVA_INT,
                          ValueLayout.JAVA_INT,
                          ValueLayout.JAVA_INT,
                          ValueLayout.JAVA_INT)))
          .orElse(null);
    }

    static boolean set(int id, int priority) throws Throwable {
      return SET != null && (int) SET.invokeExact(PRIO_PROCESS, id, priority) == 0;
    }
  }

  /** The kernel's id of the current thread; null where it can't be told. */
  static @Nullable Integer currentId() {
    try {
      return Integer.valueOf(Files.readSymbolicLink(SELF).getFileName().toString());
    } catch (IOException | UnsupportedOperationException | NumberFormatException e) {
      return null;
    }
  }

  /**
   * Gives a thread of this process the lowest priority there is.
   *
   * @param id the kernel's id of the thread
   * @return whether it has it now
   */
  static boolean toLowest(int id) {
    try {
      return Native.set(id, LOWEST);
    } catch (Throwable e) {
      LOG.atDebug().setCause(e).log("The system doesn't let threads be told apart by priority");
      return false;
    }
  }
}
