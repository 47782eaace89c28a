package dev.howdah.plugins.objectstore.store;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.stream.Stream;

/**
 * Resolves every name below {@code s3.test} to this machine, as a wildcard in DNS does for a store
 * whose buckets stand in the host's name, but not {@code s3.test} itself: whoever puts the bucket
 * into the path gets nowhere. All other names are resolved as ever. The JDK finds it as a service.
 */
public final class BucketNames extends InetAddressResolverProvider {

  static final String DOMAIN = "s3.test";

  private static final byte[] HERE = {127, 0, 0, 1};

  @Override
  public String name() {
    return "bucket names";
  }

  @Override
  public InetAddressResolver get(Configuration configuration) {
    InetAddressResolver usual = configuration.builtinResolver();
    return new InetAddressResolver() {
      @Override
      public Stream<InetAddress> lookupByName(String host, LookupPolicy policy)
          throws UnknownHostException {
        return host.endsWith("." + DOMAIN)
            ? Stream.of(InetAddress.getByAddress(host, HERE))
            : usual.lookupByName(host, policy);
      }

      @Override
      public String lookupByAddress(byte[] address) throws UnknownHostException {
        return usual.lookupByAddress(address);
      }
    };
  }
}
