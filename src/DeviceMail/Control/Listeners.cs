using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace DeviceMail.Control;

/// <summary>One address that is listened on, and what is spoken there.</summary>
/// <param name="Name">For people: "SMTP", "SMTP over TLS", "Web Config".</param>
/// <param name="Address">The bound address, with the real port where 0 was asked for.</param>
public sealed record Listener(string Name, IPEndPoint Address);

/// <summary>What this process listens on in the network. Each folder adds its own while Kestrel is set up; complete once the host has started.</summary>
public sealed class Listeners
{
    private readonly List<(string Name, ListenOptions Listen)> _all = [];

    public void Add(string name, ListenOptions listen) => _all.Add((name, listen));

    public IReadOnlyList<Listener> All => [.. _all.Where(one => one.Listen.IPEndPoint is not null).Select(one => new Listener(one.Name, one.Listen.IPEndPoint!))];

    /// <summary>The first listener of that name, or null.</summary>
    public IPEndPoint? Find(string name) => All.FirstOrDefault(one => one.Name == name)?.Address;
}
