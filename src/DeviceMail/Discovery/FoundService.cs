using System.Net;

namespace DeviceMail.Discovery;

/// <summary>A service that somebody on the network offers by mDNS (RFC 6763).</summary>
/// <param name="Instance">What people call it.</param>
/// <param name="Type">As _uscan._tcp.</param>
/// <param name="Host">Name of the machine, as printer.local.</param>
/// <param name="Addresses">Its addresses, IPv4 first; empty where nobody told them.</param>
/// <param name="Text">What its TXT record says, by key without regard to case.</param>
public sealed record FoundService(string Instance, string Type, string Host, int Port, IReadOnlyList<IPAddress> Addresses, IReadOnlyDictionary<string, string> Text);
