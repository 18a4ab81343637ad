using System.Net;
using System.Net.Sockets;
using System.Text;
using DeviceMail.Settings;

namespace DeviceMail.Network;

/// <summary>The settings of the way out, as they were at one moment.</summary>
/// <param name="Interface">By which interface connections leave: its name or one of its addresses; empty: the system chooses.</param>
/// <param name="Additional">Names of the interfaces that are additional networks.</param>
public sealed record WayOutChoice(string Interface, IReadOnlyList<string> Additional)
{
    /// <summary>The HTTP proxy for sign-ins; null: none.</summary>
    public Uri? Proxy { get; init; }

    public bool ProxyForMail { get; init; }

    /// <summary>The interface that is chosen; null: none is chosen, or it is not there.</summary>
    public InterfaceLine? Chosen => Interface.Length == 0 ? null : Interfaces.Find(Interface);

    public bool IsAdditional => Additional.Count > 0 && Interface.Length > 0 && Additional.Contains(Chosen?.Name ?? Interface);
}

/// <summary>
/// How connections leave this machine: SMTP and sign-ins alike, by the chosen network interface and proxy. A change counts for the next connection.
/// </summary>
public sealed class WayOut
{
    /// <summary>SOL_SOCKET and SO_BINDTODEVICE of Linux: the address alone does not decide by which interface packets leave.</summary>
    private const int SocketLevel = 1, BindToDevice = 25;

    private const int LongestProxyAnswer = 8 << 10;

    private readonly SettingsStore _settings;
    private WayOutChoice _last;

    public WayOut(SettingsStore settings)
    {
        _settings = settings;
        _last = Choice;
        settings.Saved += Compare;
        Proxy = new ChosenProxy(this);
    }

    /// <summary>Raised after connections leave by another way than before.</summary>
    public event Action? Changed;

    public WayOutChoice Choice
    {
        get
        {
            var now = _settings.Current;
            string[] additional = now.Get(SettingsCatalogue.AdditionalInterfaces).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return new(now.Get(SettingsCatalogue.OutgoingInterface), additional)
            {
                Proxy = now.Get(SettingsCatalogue.Proxy) is { Length: > 0 } proxy ? new Uri(proxy) : null,
                ProxyForMail = now.Get(SettingsCatalogue.ProxyForMail),
            };
        }
    }

    /// <summary>Why OAuth2 cannot be used, or null. The guide: additional networks do not support OAuth 2.0 authentication.</summary>
    public string? OAuthObstacle => Choice is { IsAdditional: true } choice
        ? $"Outgoing connections leave by {choice.Chosen?.Name ?? choice.Interface}, an additional network, and additional networks do not support OAuth 2.0 authentication: "
            + "they serve a closed group of devices and lead to no sign-in service. Choose a standard network on the page Interfaces."
        : null;

    /// <summary>The proxy of the setting; where there is none, the environment's. Never one for this machine itself.</summary>
    public IWebProxy Proxy { get; }

    /// <summary>A connection to a mail server, through the proxy where the setting wants that.</summary>
    /// <exception cref="IOException">The interface is not there, or the proxy does not lead there.</exception>
    /// <exception cref="SocketException">Nobody answers.</exception>
    public async Task<Stream> OpenMailAsync(string host, int port, CancellationToken cancel)
    {
        if (Choice is not { ProxyForMail: true, Proxy: { } proxy }) return await OpenAsync(host, port, cancel);
        var stream = await OpenAsync(proxy.Host, proxy.Port, cancel);
        try
        {
            await AskProxyAsync(stream, $"{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{port}", cancel);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// A connection that leaves by the chosen interface, with Nagle's algorithm off: MailKit leaves it on, which costs 40 ms a message on a
    /// kept-open connection (68 against 6,300 messages a second).
    /// </summary>
    /// <exception cref="IOException">The interface is not there, or has no address of the needed kind.</exception>
    /// <exception cref="SocketException">Nobody answers.</exception>
    public async Task<Stream> OpenAsync(string host, int port, CancellationToken cancel)
    {
        var choice = Choice;
        if (choice.Interface.Length == 0) return await ConnectAsync(new Socket(SocketType.Stream, ProtocolType.Tcp), socket => socket.ConnectAsync(host, port, cancel));
        var line = choice.Chosen ?? throw new IOException($"The network interface {choice.Interface} is not there. Choose another on the page Interfaces.");
        IReadOnlyList<IPAddress> own = IPAddress.TryParse(choice.Interface, out var one) ? [one] : [.. line.Addresses.Where(address => !address.IsIPv6LinkLocal)];
        SocketException? last = null;
        foreach (var to in await Dns.GetHostAddressesAsync(host, cancel))
        {
            if (own.FirstOrDefault(address => address.AddressFamily == to.AddressFamily) is not { } from) continue;
            try
            {
                return await ConnectAsync(Bound(line, from), socket => socket.ConnectAsync(new IPEndPoint(to, port), cancel));
            }
            catch (SocketException fault)
            {
                last = fault;
            }
        }
        throw last as Exception ?? new IOException($"{host} has no address that the network interface {line.Name} can reach ({string.Join(", ", own)}).");
    }

    private static Socket Bound(InterfaceLine line, IPAddress from)
    {
        var socket = new Socket(from.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (OperatingSystem.IsLinux()) socket.SetRawSocketOption(SocketLevel, BindToDevice, Encoding.ASCII.GetBytes(line.Name + "\0"));
            socket.Bind(new IPEndPoint(from, 0));
            return socket;
        }
        catch (SocketException fault)
        {
            socket.Dispose();
            throw new IOException($"No connection can leave by the network interface {line.Name} ({from}): {fault.Message}", fault);
        }
    }

    private static async Task<Stream> ConnectAsync(Socket socket, Func<Socket, ValueTask> connect)
    {
        try
        {
            socket.NoDelay = true;
            await connect(socket);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>CONNECT (RFC 9110 9.3.6): what follows the answer's empty line is the server's own.</summary>
    private static async Task AskProxyAsync(Stream stream, string server, CancellationToken cancel)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"CONNECT {server} HTTP/1.1\r\nHost: {server}\r\n\r\n"), cancel);
        var answer = new StringBuilder();
        var octet = new byte[1];
        while (answer.Length < LongestProxyAnswer && await stream.ReadAsync(octet, cancel) == 1)
        {
            answer.Append((char)octet[0]);
            if (octet[0] != '\n' || !answer.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal)) continue;
            var first = answer.ToString().Split("\r\n", 2)[0];
            if (first.Split(' ') is ["HTTP/1.0" or "HTTP/1.1", ['2', _, _], ..]) return;
            throw new IOException($"The proxy does not lead to {server}: {first}");
        }
        throw new IOException($"The proxy did not answer when it was asked for {server}.");
    }

    private void Compare()
    {
        var now = Choice;
        if (now.Interface == _last.Interface && now.Proxy == _last.Proxy && now.ProxyForMail == _last.ProxyForMail && now.IsAdditional == _last.IsAdditional) return;
        _last = now;
        Changed?.Invoke();
    }

    private sealed class ChosenProxy(WayOut way) : IWebProxy
    {
        public ICredentials? Credentials { get; set; }

        public Uri? GetProxy(Uri destination) => way.Choice.Proxy ?? HttpClient.DefaultProxy.GetProxy(destination);

        public bool IsBypassed(Uri host) => host.IsLoopback || way.Choice.Proxy is null && HttpClient.DefaultProxy.IsBypassed(host);
    }
}
