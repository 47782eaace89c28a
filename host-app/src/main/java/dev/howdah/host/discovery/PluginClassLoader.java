package dev.howdah.host.discovery;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.Proxy;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Loads one drop-in plugin. The JDK's classes and the {@linkplain SharedPackages shared packages}
 * are the host's; all others are the plugin's own, in whatever version, and the host's are
 * invisible, its resources too.
 *
 * <p>This keeps plugins from one another's mistakes, not from malice: it is no sandbox. A plugin
 * has the process's rights, memory and processors; {@code System.exit} in one ends all of them.
 */
public final class PluginClassLoader extends URLClassLoader {

  static {
    ClassLoader.registerAsParallelCapable();
  }

  private static final String CLASS = ".class";

  private final ClassLoader host;
  private final SharedPackages shared;

  /**
   * Opens the plugin's files.
   *
   * @param id the plugin's id
   * @param classPath its JARs and folders of classes
   * @param host loads the shared packages
   * @param shared which these are
   */
  public PluginClassLoader(
      String id, List<Path> classPath, ClassLoader host, SharedPackages shared) {
    super("plugin-" + id, urls(classPath), ClassLoader.getPlatformClassLoader());
    this.host = host;
    this.shared = shared;
  }

  private static URL[] urls(List<Path> classPath) {
    return classPath.stream().map(PluginClassLoader::url).toArray(URL[]::new);
  }

  private static URL url(Path path) {
    try {
      return path.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new UncheckedIOException(path + " can't be loaded from.", e);
    }
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    // Without a parent for the rest: what isn't the JDK's and isn't shared is found here or
    // nowhere.
    return shared.contains(name) ? host.loadClass(name) : super.loadClass(name, resolve);
  }

  @Override
  public @Nullable URL getResource(String name) {
    if (isShared(name)) {
      return host.getResource(name);
    }
    URL own = findResource(name);
    return own == null ? getParent().getResource(name) : own;
  }

  @Override
  public Enumeration<URL> getResources(String name) throws IOException {
    if (isShared(name)) {
      return host.getResources(name);
    }
    List<URL> all = Collections.list(findResources(name));
    all.addAll(Collections.list(getParent().getResources(name)));
    return Collections.enumeration(all);
  }

  @Override
  public @Nullable URL findResource(String name) {
    URL found = super.findResource(name);
    return found == null ? null : uncached(found);
  }

  @Override
  public Enumeration<URL> findResources(String name) throws IOException {
    List<URL> all = new ArrayList<>();
    for (URL found : Collections.list(super.findResources(name))) {
      all.add(uncached(found));
    }
    return Collections.enumeration(all);
  }

  /** Class files of shared packages and what lies beside them; never anything in META-INF. */
  private boolean isShared(String resource) {
    String path =
        resource.endsWith(CLASS) ? resource.substring(0, resource.length() - 6) : resource;
    return shared.contains(path.replace('/', '.'));
  }

  /**
   * The JDK keeps JARs open that were read by URL, for the whole process and for good: a JAR
   * replaced on disk would then be read with the old one's directory.
   */
  private static URL uncached(URL url) {
    if (!url.getProtocol().equals("jar")) {
      return url;
    }
    try {
      return URL.of(URI.create(url.toExternalForm()), new UncachedHandler(url));
    } catch (MalformedURLException e) {
      throw new UncheckedIOException("The URL %s can't be copied.".formatted(url), e);
    }
  }

  /** Loads a class of the host's into this loader, to let it act as one of the plugin's. */
  Class<?> adopt(Class<?> hostClass) throws IOException {
    String name = hostClass.getName();
    Class<?> already = findLoadedClass(name);
    if (already != null) {
      return already;
    }
    String file = name.substring(name.lastIndexOf('.') + 1) + CLASS;
    try (InputStream in = hostClass.getResourceAsStream(file)) {
      if (in == null) {
        throw new IOException("The class file of %s isn't there.".formatted(name));
      }
      byte[] bytes = in.readAllBytes();
      return defineClass(name, bytes, 0, bytes.length);
    }
  }

  /** Opens the URL it was made for, always afresh. */
  private static final class UncachedHandler extends URLStreamHandler {

    private final URL original;

    UncachedHandler(URL original) {
      this.original = original;
    }

    @Override
    protected URLConnection openConnection(URL url) throws IOException {
      return uncached(target(url).openConnection());
    }

    @Override
    protected URLConnection openConnection(URL url, Proxy proxy) throws IOException {
      return uncached(target(url).openConnection(proxy));
    }

    /** Others may derive URLs from ours, with another path. */
    private URL target(URL url) throws MalformedURLException {
      String wanted = url.toExternalForm();
      return wanted.equals(original.toExternalForm()) ? original : URI.create(wanted).toURL();
    }

    private static URLConnection uncached(URLConnection connection) {
      connection.setUseCaches(false);
      return connection;
    }
  }
}
