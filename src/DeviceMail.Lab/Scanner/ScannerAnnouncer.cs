using System.Buffers.Binary;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using DeviceMail.Lab.Switches;

namespace DeviceMail.Lab.Scanner;

/// <summary>Tells the network of the scanner by multicast DNS (RFC 6762, RFC 6763), on the interfaces where it listens, over IPv4.</summary>
public sealed class ScannerAnnouncer : IAsyncDisposable
{
    private const int Port = 5353;
    private const string Browsing = "_services._dns-sd._udp.local", Instance = PretendScanner.Model;

    private static readonly IPEndPoint Group = new(IPAddress.Parse("224.0.0.251"), Port);

    private readonly PretendScanner _scanner;
    private readonly List<(Socket Socket, IPAddress Address, Task Listening)> _links = [];
    private readonly CancellationTokenSource _end = new();

    private ScannerAnnouncer(PretendScanner scanner) => _scanner = scanner;

    private string Host => $"pretend-scanner-{_scanner.Address.Port}.local";

    /// <summary>Throws a socket exception when another program keeps the port for itself.</summary>
    public static ScannerAnnouncer Start(PretendScanner scanner, IPAddress listens)
    {
        var announcer = new ScannerAnnouncer(scanner);
        foreach (var (index, address) in Interfaces(listens))
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(IPAddress.Any, Port));
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(Group.Address, index));
            // By address, which becomes the sender's: with the index alone the loopback link sends from 0.0.0.0.
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, address.GetAddressBytes());
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastTimeToLive, 255);
            announcer._links.Add((socket, address, announcer.ListenAsync(socket, index, address)));
        }

        return announcer;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (socket, address, _) in _links)
            await SayAsync(socket, DnsAnswer.Write(Records(address), null, goodbye: true), Group);
        await _end.CancelAsync();
        foreach (var (socket, _, listening) in _links)
        {
            await listening;
            socket.Dispose();
        }

        _end.Dispose();
    }

    private async Task ListenAsync(Socket socket, int index, IPAddress address)
    {
        if (_scanner.Switches.Sleep != ScannerSleep.Unreachable)
            await SayAsync(socket, DnsAnswer.Write(Records(address), null, goodbye: false), Group);
        var buffer = new byte[9000];
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var got = await socket.ReceiveMessageFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), _end.Token);
                // Each socket hears what comes to any interface, and answers for its own.
                if (got.PacketInformation.Interface == index && _scanner.Switches.Sleep != ScannerSleep.Unreachable)
                    await AnswerAsync(socket, address, buffer.AsMemory(0, got.ReceivedBytes), (IPEndPoint)got.RemoteEndPoint);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // What one asker sent, or that it has gone, is no reason to end.
            }
        }
    }

    private async Task AnswerAsync(Socket socket, IPAddress address, ReadOnlyMemory<byte> message, IPEndPoint asker)
    {
        var records = Records(address);
        var questions = DnsAnswer.Questions(message.Span);
        DnsRecord[] answers = [.. records.Where(record => questions.Any(question => Fits(question, record)))];
        if (answers.Length == 0)
            return;
        // Who is told that the service is there gets what is needed to reach it, too.
        if (answers.Any(record => record.Type is DnsType.Ptr or DnsType.Srv) && !answers.All(record => record.Name == Browsing))
            answers = [.. answers.Union(records.Where(record => record.Name != Browsing))];
        var isOther = asker.Port != Port;
        var number = BinaryPrimitives.ReadUInt16BigEndian(message.Span);
        // Also who asks for an answer to itself alone gets it with the group: on one machine, several programs share the port.
        await SayAsync(socket, DnsAnswer.Write(answers, isOther ? (number, questions[0]) : null, goodbye: false), isOther ? asker : Group);
    }

    private static bool Fits(DnsQuestion question, DnsRecord record) =>
        (question.Type == record.Type || question.Type == DnsType.Any) && question.Name.Equals(record.Name, StringComparison.OrdinalIgnoreCase);

    private static async Task SayAsync(Socket socket, byte[] message, IPEndPoint to)
    {
        try
        {
            await socket.SendToAsync(message, SocketFlags.None, to);
        }
        catch (SocketException)
        {
            // An interface may be down: it is told when it asks.
        }
    }

    private DnsRecord[] Records(IPAddress address)
    {
        var records = new List<DnsRecord> { new(Host, DnsType.A, address.GetAddressBytes()) };
        Add(records, "_uscan._tcp.local", _scanner.Address.Port);
        if (_scanner.HttpsAddress is { } encrypted)
            Add(records, "_uscans._tcp.local", encrypted.Port);
        return [.. records];
    }

    private void Add(List<DnsRecord> records, string type, int port)
    {
        var switches = _scanner.Switches;
        var name = $"{Instance}.{type}";
        var sources = string.Join(',', new[] { switches.WithoutGlass ? "" : "platen", switches.WithoutFeeder ? "" : "adf" }.Where(source => source.Length > 0));
        records.Add(new(Browsing, DnsType.Ptr, DnsAnswer.NameOf(type)));
        records.Add(new(type, DnsType.Ptr, DnsAnswer.NameOf(name)));
        records.Add(new(name, DnsType.Srv, [0, 0, 0, 0, (byte)(port >> 8), (byte)port, .. DnsAnswer.NameOf(Host)]));
        records.Add(new(name, DnsType.Txt, DnsAnswer.Text(
            "txtvers=1", "vers=2.63", "rs=eSCL", $"ty={PretendScanner.Model}", $"pdl={(switches.WithoutPdf ? "" : "application/pdf,")}image/jpeg",
            $"uuid={_scanner.Id}", $"is={sources}", "cs=color,grayscale,binary", $"duplex={(switches.WithoutDuplex || switches.WithoutFeeder ? "F" : "T")}", "note=PRETEND")));
    }

    /// <summary>Where the listening address can be reached: its own interface, or all of them.</summary>
    private static IEnumerable<(int Index, IPAddress Address)> Interfaces(IPAddress listens)
    {
        foreach (var one in NetworkInterface.GetAllNetworkInterfaces().Where(one => one.OperationalStatus is not OperationalStatus.Down))
        {
            var properties = one.GetIPProperties();
            var address = properties.UnicastAddresses.Select(unicast => unicast.Address).FirstOrDefault(address =>
                address.AddressFamily == AddressFamily.InterNetwork && (listens.Equals(IPAddress.Any) ? !IPAddress.IsLoopback(address) : address.Equals(listens)));
            if (address is not null)
                yield return (properties.GetIPv4Properties().Index, address);
        }
    }
}
