package dev.howdah.plugin;

/**
 * A CloudNativePG plugin that Howdah hosts.
 *
 * <p>A plugin is an ordinary class with one public constructor. Its constructor may take what the
 * host exports: {@link PluginConfiguration}, {@link java.time.Clock}, {@link
 * io.micrometer.core.instrument.MeterRegistry} and whatever the host's documentation adds to that
 * list. Beside the class the JAR holds a {@linkplain PluginManifest manifest} that names it without
 * any code being run.
 *
 * <p><b>Order of calls.</b> constructor, {@link #metadata()}, {@link #register(Hooks)}, {@link
 * #start()}; then hooks, many at a time; at the end {@link #stop()}. All but the hooks are called
 * once, by one thread, under a time limit.
 *
 * <p><b>Threading.</b> Hooks run on the plugin's own bounded pool of platform threads and may
 * block. Several run at the same time, so a plugin keeps its state in thread-safe form. When the
 * caller cancels or a deadline passes the thread is interrupted.
 *
 * <p><b>Isolation.</b> Whatever a plugin throws fails that one call and nothing else.
 */
public interface Plugin {

  /**
   * Says who the plugin is; asked once, before {@link #register(Hooks)}, and then served from
   * memory to every caller.
   *
   * @return the metadata; name and version must be those of the plugin's {@linkplain PluginManifest
   *     manifest}
   */
  PluginMetadata metadata();

  /**
   * Registers every hook the plugin has. The capabilities the operator sees are derived from what
   * is registered here, so none can be forgotten or wrong.
   *
   * @param hooks where to register; of no use after this method returned
   */
  void register(Hooks hooks);

  /**
   * Prepares what hooks need (connections, background work). The plugin serves once this has
   * returned.
   *
   * @throws Exception if the plugin can't serve; it is then shown as failed, with this exception's
   *     message, and the others serve
   */
  default void start() throws Exception {}

  /**
   * Releases what {@link #start()} acquired and ends every thread of the plugin's own. Called after
   * the last hook returned.
   *
   * @throws Exception if that fails; it is logged
   */
  default void stop() throws Exception {}
}
