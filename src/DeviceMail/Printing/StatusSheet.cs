using System.Net;
using DeviceMail.Accounts;
using DeviceMail.Control;
using DeviceMail.Documents;
using DeviceMail.EmailServer;
using DeviceMail.Web;

namespace DeviceMail.Printing;

/// <summary>
/// The network status sheet of the guide: what the gateway is, how it is reached, and whether each account sends. Nothing on it is secret: it lies in a
/// printer's tray.
/// </summary>
public sealed class StatusSheet(IServiceProvider services)
{
    private const int MostAddresses = 4;

    /// <summary>What the listeners' names mean on the wire.</summary>
    private static readonly Dictionary<string, string> Encryption = new()
    {
        ["SMTP"] = "STARTTLS offered",
        ["SMTP over TLS"] = "TLS from the first octet",
        [WebSetup.ListenerName] = "TLS from the first octet",
        ["Redirect to Web Config (http)"] = "not encrypted",
    };

    /// <summary>As it is now.</summary>
    public PrintedSheet Read()
    {
        var (now, links) = (Part<TimeProvider>().GetLocalNow(), NetworkLink.All());
        var status = Part<StatusReader>().Read();
        var address = WebConfig(links);
        var answer = Answer.Of(status);
        return new PrintedSheet("Network Status Sheet", new SheetAnswer($"{answer.Headline}.", Prose(answer.Advice)) { NeedsPerson = answer.Mark != "ok" })
        {
            Head =
            [
                new("Gateway", status.Gateway) { Letters = SheetLetters.Strong },
                new("Program", status.Version),
                new("Web Config", address ?? "Switched off"),
                new("Date and time", $"{Words.Date(now)}, {Words.Time(now)} (UTC{now:zzz})"),
            ],
            Code = address is null ? null : (address, "Opens Web Config"),
            Sections = [Accounts(status, answer, now), Network(links), Listening(), Certificate(now)],
            At = now,
            Foot = $"Printed by {status.Version}. This sheet holds no password and no token.",
        };
    }

    /// <summary>By the machine's address, because its name is not known everywhere (the guide: open the device's IP address).</summary>
    internal string? WebConfig(IReadOnlyList<NetworkLink> links)
    {
        if (WebAddress.Of(services) is not { } address) return null;
        var bound = Part<Listeners>().Find(WebSetup.ListenerName)!.Address;
        var own = links.SelectMany(link => link.Addresses).Select(one => one.Address).FirstOrDefault(one => !one.IsIPv6LinkLocal);
        return own is null || !(bound.Equals(IPAddress.Any) || bound.Equals(IPAddress.IPv6Any)) ? address : new UriBuilder(address) { Host = own.ToString() }.Uri.ToString();
    }

    /// <summary>Accounts in trouble come first, so that what finds no room is well.</summary>
    private SheetSection Accounts(GatewayStatus status, Answer answer, DateTimeOffset now)
    {
        var lines = status.Accounts.OrderBy(line => line.Problem is null ? 1 : 0).ToList();
        var blocks = new List<SheetBlock>();
        foreach (var line in lines)
            if (Part<AccountRegister>().Find(line.Id) is { } account) blocks.Add(Block(line, account, ReferenceEquals(line.Problem, answer.Problem) ? "" : line.Problem?.Remedy ?? "", now));
        if (blocks.Count == 0) blocks.Add(new SheetBlock("", [new("Accounts", "None is set up yet.")]));
        return new SheetSection("Email Server", blocks, LeftOut);

        static string LeftOut(IReadOnlyList<SheetBlock> rest)
        {
            var trouble = rest.Count(block => block.NeedsPerson);
            return $"{rest.Count} more {(rest.Count == 1 ? "account finds" : "accounts find")} no room here, {(trouble == 0 ? "all well" : $"{trouble} in trouble")}: see Web Config.";
        }
    }

    /// <param name="remedy">Empty where the sheet's answer says it already.</param>
    private SheetBlock Block(AccountLine line, Account account, string remedy, DateTimeOffset now)
    {
        List<SheetRow> rows =
        [
            new("Authentication Method", $"{MethodOf(account)}, {line.Service}"),
            new("SMTP server", $"{account.Host}, port {account.Port}, {SecurityOf(account)}"),
            new("Current Status", StatusOf(line)) { Letters = SheetLetters.Strong },
        ];
        if (line.Problem is { } problem)
        {
            if (problem.Code is { } code) rows.Add(new("Code", $"{code}"));
            rows.Add(new("Cause", Prose(problem.Cause)));
            if (remedy.Length > 0) rows.Add(new("What to do", Prose(remedy)));
        }
        if (line.LastRefreshed is { } refreshed)
            rows.Add(new("Last refreshed", $"{Moment(refreshed)}; {(line.PredictedEnd is { } end ? $"expected to end on {Words.Date(end)}, {InDays(end, now)}" : "no end known")}"));
        rows.Add(new("Last sent", Part<StatusReader>().LastSent(account) is { } sent ? Moment(sent) : "Nothing yet"));
        return new SheetBlock($"{line.Address}{(account.IsDefault ? " (default)" : "")}", rows) { NeedsPerson = line.Problem is not null };
    }

    internal static string MethodOf(Account account) => account.Method switch { AuthenticationMethod.SmtpAuth => "SMTP AUTH", var method => method.ToString() };

    /// <summary>The words of a sign-in that waits hold its code, which is for one person only.</summary>
    internal static string StatusOf(AccountLine line) => line.Mark == "work" ? "Waiting for a person to sign in" : line.Status;

    internal static string SecurityOf(Account account)
    {
        var security = account.Security switch { ConnectionSecurity.None => "not encrypted", ConnectionSecurity.StartTls => "STARTTLS", _ => "SSL/TLS" };
        return account.VerifiesCertificate || account.Security == ConnectionSecurity.None ? security : $"{security}, Certificate Validation: Disable";
    }

    private static SheetSection Network(IReadOnlyList<NetworkLink> links)
    {
        var rows = links.Select(link => new SheetRow(link.Name, Words(link))).ToList();
        return new SheetSection("Network", [new SheetBlock("", [new("Host name", Dns.GetHostName()), .. rows.Take(1)]), .. rows.Skip(1).Select(row => new SheetBlock("", [row]))],
            rest => $"{rest.Count} more network {(rest.Count == 1 ? "interface finds" : "interfaces find")} no room here.");

        static string Words(NetworkLink link)
        {
            var shown = link.Addresses.Take(MostAddresses).Select(one => $"{one.Address}/{one.Prefix}").ToList();
            if (link.Addresses.Count > MostAddresses) shown.Add($"{link.Addresses.Count - MostAddresses} more");
            if (link.Mac.Length > 0) shown.Add($"MAC {link.Mac}");
            return string.Join(", ", shown);
        }
    }

    private SheetSection Listening()
    {
        var rows = Part<Listeners>().All.Select(one => new SheetRow(one.Name, $"{At(one.Address)}, {Encryption.GetValueOrDefault(one.Name, "see Web Config")}")).ToList();
        if (rows.Count == 0) rows.Add(new("Ports", "None: no service runs on this folder."));
        return new SheetSection("Listening", [new SheetBlock("", rows)], _ => "The ports find no room here: see Web Config.");

        static string At(IPEndPoint address) =>
            address.Address.Equals(IPAddress.Any) || address.Address.Equals(IPAddress.IPv6Any) ? $"Port {address.Port} of every address" : $"Port {address.Port} of {address.Address}";
    }

    private SheetSection Certificate(DateTimeOffset now)
    {
        var own = Part<ServerCertificate>();
        var end = new DateTimeOffset(own.Certificate.NotAfter);
        var pairs = own.Fingerprint.Split(':');
        return new SheetSection("Certificate", [new SheetBlock("",
        [
            new("Subject", own.Certificate.Subject),
            new("SHA-256 fingerprint", $"{string.Join(':', pairs[..16])} {string.Join(':', pairs[16..])}") { Letters = SheetLetters.Fixed },
            new("Valid", $"{Words.Date(new DateTimeOffset(own.Certificate.NotBefore))} to {Words.Date(end)}, {InDays(end, now)}"),
        ])], _ => "The certificate finds no room here: see Web Config.");
    }

    private static string Moment(DateTimeOffset moment) => $"{Words.Date(moment)}, {Words.Time(moment)}";

    private static string InDays(DateTimeOffset end, DateTimeOffset now) => (end - now).Days switch
    {
        < 0 => "which is over",
        0 => "within a day",
        1 => "in 1 day",
        > 999 and var days => $"in {days / 365} years",
        var days => $"in {days} days",
    };

    /// <summary>Backticks mark what is to be typed, on screens.</summary>
    private static string Prose(string sentence) => sentence.Replace("`", "", StringComparison.Ordinal);

    private T Part<T>() where T : notnull => services.GetRequiredService<T>();
}
