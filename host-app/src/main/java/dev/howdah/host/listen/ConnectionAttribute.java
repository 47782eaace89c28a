package dev.howdah.host.listen;

import io.grpc.Attributes;
import io.grpc.ServerTransportFilter;

/** Works the {@link Connection} out once per connection, not once per call. */
final class ConnectionAttribute extends ServerTransportFilter {
  static final Attributes.Key<Connection> KEY = Attributes.Key.create("dev.howdah.connection");

  @Override
  public Attributes transportReady(Attributes attributes) {
    return attributes.toBuilder().set(KEY, Connection.of(attributes)).build();
  }
}
