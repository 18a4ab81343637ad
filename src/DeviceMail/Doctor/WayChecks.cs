using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using DeviceMail.Network;
using DeviceMail.Accounts;

namespace DeviceMail.Doctor;

/// <summary>The way from here to an account's services: names, routes, proxy, clock, and the proof of the sign-in service.</summary>
internal sealed class WayChecks(Account account, Outside outside, TimeProvider time)
{
    /// <summary>A header's date is full seconds old; up to this the clocks agree.</summary>
    private static readonly TimeSpan _agreeing = TimeSpan.FromSeconds(30);

    /// <summary>What sign-in services and signed times tolerate, as a rule.</summary>
    private static readonly TimeSpan _tolerated = TimeSpan.FromMinutes(5);

    /// <summary>Where the sign-in is asked for and renewed; empty when the account needs none.</summary>
    public IReadOnlyList<Uri> SignIn { get; } = account.Method != AuthenticationMethod.OAuth2 ? []
        : [.. new[] { account.OAuth.Token, account.OAuth.DeviceAuthorization, account.OAuth.Issuer }
            .Where(address => address.Length > 0).Select(address => new Uri(address.Replace("{tenant}", Uri.EscapeDataString(account.TenantId), StringComparison.Ordinal)))
            .DistinctBy(address => address.Authority)];

    public DoctorStep Clock => new("clock", "The gateway's clock", ClockAsync) { WhenSlow = DoctorMark.Unknown };

    public IEnumerable<DoctorStep> Steps()
    {
        if (SignIn.Count > 0) yield return new DoctorStep("sign-in-name", "Names of the sign-in service", SignInNamesAsync);
        var bySmtp = account.Transports.Contains(Transport.Smtp);
        if (bySmtp) yield return new DoctorStep("mail-name", "Name of the mail server", cancel => NameAsync("mail server", account.Host, cancel));
        if (SignIn.Count > 0)
        {
            yield return new DoctorStep("sign-in-route", "Connection to the sign-in service", SignInRoutesAsync) { Needs = ["sign-in-name"] };
            yield return new DoctorStep("proxy", "Proxy", _ => Task.FromResult(ProxyLine()));
        }
        if (bySmtp) yield return new DoctorStep("mail-route", "Connection to the mail server", cancel => RouteAsync(account.Host, account.Port, cancel)) { Needs = ["mail-name"] };
        if (SignIn.Count > 0) yield return new DoctorStep("sign-in-tls", "The sign-in service proves who it is", SignInTlsAsync) { Needs = ["sign-in-route"] };
    }

    private async Task<DoctorLine> SignInNamesAsync(CancellationToken cancel) => await FirstFaultAsync(SignIn.Select(Hop), hop => NameAsync("sign-in service", hop.Host, cancel));

    private async Task<DoctorLine> SignInRoutesAsync(CancellationToken cancel) => await FirstFaultAsync(SignIn.Select(Hop), hop => RouteAsync(hop.Host, hop.Port, cancel));

    private async Task<DoctorLine> SignInTlsAsync(CancellationToken cancel) => await FirstFaultAsync(SignIn, async address =>
    {
        if (address.Scheme != Uri.UriSchemeHttps) return DoctorLine.Passed($"{address.Authority} is on this machine and needs no TLS.");
        try
        {
            return (await WebContact.AskAsync(address, outside, time, cancel)).Proof?.ToLine("TLS", time.GetUtcNow()) ?? DoctorLine.Failed($"{address.Host} showed no certificate.", Ask(address.Host, address.Port));
        }
        catch (HttpRequestException fault) when (fault.InnerException is AuthenticationException or IOException)
        {
            return DoctorLine.Failed($"{address.Host} and this gateway agreed on no encryption.", Ask(address.Host, address.Port), fault.InnerException.Message);
        }
        catch (HttpRequestException fault)
        {
            return DoctorLine.Failed($"{address.Host} was reached but gave no answer.", Ask(address.Host, address.Port), fault.Message);
        }
    });

    private async Task<DoctorLine> ClockAsync(CancellationToken cancel)
    {
        if (SignIn.Count == 0) return DoctorLine.Unknown("No sign-in service tells the time to compare with.", "The machine's administrator lets the system keep its clock by NTP.");
        try
        {
            var answer = await WebContact.AskAsync(SignIn[0], outside, time, cancel);
            if (answer.Ahead is not { } ahead) return DoctorLine.Unknown($"{SignIn[0].Host} tells no time.");
            const string remedy = "The machine's administrator switches time synchronization on, such as `timedatectl set-ntp true`.";
            var words = $"The gateway's clock is {Span(ahead.Duration())} {(ahead > TimeSpan.Zero ? "ahead of" : "behind")} that of {SignIn[0].Host}";
            if (ahead.Duration() <= _agreeing) return DoctorLine.Passed($"The gateway's clock agrees with that of {SignIn[0].Host}.");
            return ahead.Duration() > _tolerated ? DoctorLine.Failed($"{words}: certificates and sign-ins are judged by it.", remedy) : DoctorLine.Warned($"{words}.", remedy);
        }
        catch (HttpRequestException fault)
        {
            return DoctorLine.Unknown($"{SignIn[0].Host} could not be asked for the time.") with { ServerWords = fault.Message };
        }
    }

    private DoctorLine ProxyLine()
    {
        var through = SignIn.Select(address => (address.Host, Proxy: ProxyOf(address))).ToList();
        return through.All(one => one.Proxy is null)
            ? DoctorLine.Passed("The sign-in service is asked directly, without a proxy.")
            : DoctorLine.Passed($"{string.Join(", ", through.Where(one => one.Proxy is not null).Select(one => $"{one.Host} is asked through the proxy {one.Proxy!.Authority}"))}. {(outside.Way.Choice.ProxyForMail ? "Mail goes through it too." : "Mail goes directly.")}");
    }

    private Uri? ProxyOf(Uri address) => outside.Way.Proxy.IsBypassed(address) ? null : outside.Way.Proxy.GetProxy(address) is { } proxy && proxy != address ? proxy : null;

    /// <summary>What a connection to this address is really made to.</summary>
    private (string Host, int Port) Hop(Uri address) => ProxyOf(address) is { } proxy ? (proxy.Host, proxy.Port) : (address.Host, address.Port);

    private static async Task<DoctorLine> NameAsync(string what, string host, CancellationToken cancel)
    {
        if (IPAddress.TryParse(host.Trim('[', ']'), out _)) return DoctorLine.Passed($"The {what} is set by its address {host}; no name is asked for.");
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(host, cancel);
            if (addresses.Length > 0) return DoctorLine.Passed($"{host} is {string.Join(", ", addresses.Take(4).AsEnumerable())}.");
        }
        catch (SocketException fault)
        {
            return fault.SocketErrorCode is SocketError.TryAgain or SocketError.NoRecovery
                ? DoctorLine.Failed($"No DNS server answers, so the name {host} of the {what} stays unknown.", "The network's administrator checks the gateway's network and its DNS servers.", fault.Message)
                : DoctorLine.Failed($"The gateway's DNS servers do not know the name {host} of the {what}.", "The gateway's administrator checks its spelling under Network > Email Server > Basic; the network's administrator checks what DNS answers.", fault.Message);
        }
        return DoctorLine.Failed($"The name {host} of the {what} has no address.", "The network's administrator checks what DNS answers.");
    }

    private async Task<DoctorLine> RouteAsync(string host, int port, CancellationToken cancel)
    {
        try
        {
            await using var connection = await outside.Way.OpenAsync(host.Trim('[', ']'), port, cancel);
            return DoctorLine.Passed($"{host} answers at port {port}.");
        }
        catch (SocketException fault)
        {
            var why = fault.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => "is refused: nothing listens there, or a firewall says no",
                SocketError.NetworkUnreachable or SocketError.HostUnreachable => "finds no route: this machine's network leads nowhere",
                SocketError.TimedOut => "is not answered: a firewall drops it, most likely",
                _ => "fails",
            };
            return DoctorLine.Failed($"A connection to {host}, port {port}, {why}.", Ask(host, port), fault.Message);
        }
        catch (IOException fault)
        {
            return DoctorLine.Failed($"A connection to {host}, port {port}, fails.", "The gateway's administrator checks the outgoing interface under Network > Interfaces.", fault.Message);
        }
    }

    private static async Task<DoctorLine> FirstFaultAsync<T>(IEnumerable<T> all, Func<T, Task<DoctorLine>> look)
    {
        List<string> passed = [];
        foreach (var one in all.Distinct())
        {
            var line = await look(one);
            if (line.Mark != DoctorMark.Passed) return line;
            passed.Add(line.Sentence);
        }
        return DoctorLine.Passed(string.Join(' ', passed));
    }

    private static string Ask(string host, int port) => $"The network's administrator allows TCP port {port} from this gateway to {host}, without looking into it.";

    private static string Span(TimeSpan span) => span.TotalMinutes < 2 ? $"{span.TotalSeconds:0} seconds" : span.TotalHours < 2 ? $"{span.TotalMinutes:0} minutes" : span.TotalDays < 2 ? $"{span.TotalHours:0} hours" : $"{span.TotalDays:0} days";
}
