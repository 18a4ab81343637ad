using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using DeviceMail.Messages;

namespace DeviceMail.Settings;

/// <summary>Every setting there is. Web Config, the command line, import and export read this list; so does the admin guide's test.</summary>
public static class SettingsCatalogue
{
    public static readonly Setting<string> GatewayName = Name("gateway.name", "",
        "The name the gateway gives itself in SMTP and in notices. Empty: the name of this machine.");

    public static readonly Setting<MailAddress?> AdministratorAddress = Address("administrator.address",
        "Who gets notices when a device has no contact of its own.");

    public static readonly Setting<MailAddress?> NoticesSecondRoute = Address("notices.second-route",
        "The account by which notices go when the default account is in trouble: one with another sign-in, or a plain relay.");

    public static readonly Setting<long> MaxMessageSize = Number("receiving.max-size", 157_286_400, 65_536, 1_073_741_824,
        "The largest message in octets that is taken, where the account allows no less.");

    public static readonly Setting<long> MaxRecipients = Number("receiving.max-recipients", 1_000, 100, 1_000,
        "Recipients in one message; more are asked to come in a second one (452 4.5.3).");

    public static readonly Setting<long> MaxConnections = Number("receiving.max-connections", 2_000, 10, 20_000,
        "Connections at once, all devices together; a tenth is kept for known devices.");

    public static readonly Setting<long> MaxConnectionsPerAddress = Number("receiving.max-connections-per-address", 50, 1, 2_000,
        "Connections at once from one address.");

    public static readonly Setting<TimeSpan> IdleTimeout = Duration("receiving.idle-timeout", "300s", 1, 3_600,
        "How long a device may be silent before it is disconnected (RFC 5321 4.5.3.2 asks for five minutes).");

    public static readonly Setting<long> MinDataRate = Number("receiving.min-rate", 500, 0, 1_000_000,
        "Octets a second, measured over 30 seconds, under which a device in the middle of a message is disconnected.");

    public static readonly Setting<TimeSpan> GiveUpAfter = Duration("queue.give-up-after", "2d", 60, 30 * 86_400,
        "How long a mail is tried again before its device's contact is told that it failed. Trouble with an account never gives up.");

    public static readonly Setting<TimeSpan> KeepFailed = Duration("queue.keep-failed", "14d", 3_600, 365 * 86_400,
        "How long the body of a failed mail is kept.");

    public static readonly Setting<TimeSpan> KeepHistory = Duration("queue.keep-history", "90d", 3_600, 730 * 86_400,
        "How long Job Status remembers a finished job.");

    public static readonly Setting<TimeSpan> KeepAudit = Duration("audit.keep", "730d", 30 * 86_400, 3_650 * 86_400,
        "How long the audit log remembers what people did.");

    public static readonly Setting<long> MinFreeSpace = Number("queue.min-free-space", 67_108_864, 1_048_576, 1_099_511_627_776,
        "Free octets the disk must have, beside one and a half times the message, before mail is taken (452 4.3.1).");

    public static readonly Setting<string> OutgoingInterface = Checked("network.outgoing", "the name of a network interface, such as eth0, or one of its addresses",
        "The network interface by which SMTP and sign-ins leave this machine. Empty: the system chooses.",
        text => text.Length <= 45 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or ':' or '-' or '_'));

    public static readonly Setting<string> AdditionalInterfaces = Checked("network.additional", "names of network interfaces, separated by commas",
        "Interfaces that are additional networks, by which OAuth2 is not available. All others are standard.",
        text => text.Length <= 500 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or ':' or '-' or '_' or ','));

    public static readonly Setting<string> Proxy = Checked("network.proxy", "http://HOST:PORT, without a user name",
        "The HTTP proxy for sign-ins. Empty: none, or the one that the variable HTTPS_PROXY names.",
        text => Uri.TryCreate(text, UriKind.Absolute, out var proxy) && proxy is { Scheme: "http", UserInfo: "", PathAndQuery: "/", Fragment: "" });

    public static readonly Setting<bool> ProxyForMail = Switch("network.proxy-for-mail", "off",
        "Whether SMTP goes through the proxy too (CONNECT); the proxy must allow the server's port.");

    public static readonly Setting<bool> DownloadMail = Switch("jobs.download", "off",
        "Whether an administrator may download the mail of a job in Job Status. Each download is written into Activity.");

    public static readonly Setting<string> PanelAuthentication = Choice("people.authentication", "card-or-password", ["card-or-password", "card-or-id-number", "id-number", "user-id"],
        "How a registered user signs in at a control panel: card or user ID and password, card or ID number, ID number, user ID. Elsewhere it is always user ID and password.");

    public static readonly Setting<long> IdNumberDigits = Number("people.id-number-digits", 6, 4, 8,
        "The fewest digits that a new ID number has.");

    public static IReadOnlyList<Setting> All { get; } =
    [
        GatewayName, AdministratorAddress, NoticesSecondRoute, MaxMessageSize, MaxRecipients, MaxConnections, MaxConnectionsPerAddress, IdleTimeout, MinDataRate,
        GiveUpAfter, KeepFailed, KeepHistory, KeepAudit, MinFreeSpace,
        OutgoingInterface, AdditionalInterfaces, Proxy, ProxyForMail, DownloadMail,
        PanelAuthentication, IdNumberDigits,
    ];

    private static Setting<long> Number(string name, long byDefault, long least, long most, string help) =>
        new(name, byDefault.ToString(CultureInfo.InvariantCulture), $"a whole number from {least} to {most}", help)
        {
            Read = (string text, out long value) =>
                long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= least && value <= most,
        };

    private static Setting<TimeSpan> Duration(string name, string byDefault, long leastSeconds, long mostSeconds, string help) =>
        new(name, byDefault, $"a number with s, m, h or d, from {Short(leastSeconds)} to {Short(mostSeconds)}", help)
        {
            Read = (string text, out TimeSpan value) =>
            {
                value = default;
                if (text.Length < 2 || !long.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count)) return false;
                var unit = text[^1] switch { 's' => 1L, 'm' => 60L, 'h' => 3_600L, 'd' => 86_400L, _ => 0L };
                if (unit == 0 || count > mostSeconds || count * unit < leastSeconds || count * unit > mostSeconds) return false;
                value = TimeSpan.FromSeconds(count * unit);
                return true;
            },
        };

    private static string Short(long seconds) => seconds switch
    {
        _ when seconds % 86_400 == 0 => $"{seconds / 86_400}d",
        _ when seconds % 3_600 == 0 => $"{seconds / 3_600}h",
        _ when seconds % 60 == 0 => $"{seconds / 60}m",
        _ => $"{seconds}s",
    };

    private static Setting<bool> Switch(string name, string byDefault, string help) =>
        new(name, byDefault, "on or off", help)
        {
            Read = (string text, out bool value) =>
            {
                value = text == "on";
                return text is "on" or "off";
            },
        };

    private static Setting<string> Choice(string name, string byDefault, IReadOnlyList<string> words, string help) =>
        new(name, byDefault, $"one of {string.Join(", ", words)}", help)
        {
            Read = (string text, [MaybeNullWhen(false)] out string value) => words.Contains(value = text),
        };

    private static Setting<string> Name(string name, string byDefault, string help) =>
        new(name, byDefault, "a host name of letters, digits, hyphens and dots, at most 255", help)
        {
            Read = (string text, [MaybeNullWhen(false)] out string value) =>
            {
                value = text;
                return text.Length == 0 || text.Length <= 255 && Uri.CheckHostName(text) == UriHostNameType.Dns;
            },
        };

    private static Setting<string> Checked(string name, string range, string help, Func<string, bool> fits) =>
        new(name, "", range, help)
        {
            Read = (string text, [MaybeNullWhen(false)] out string value) => (value = text).Length == 0 || fits(text),
        };

    private static Setting<MailAddress?> Address(string name, string help) =>
        new(name, "", "a mail address, name@domain", help)
        {
            Read = (string text, out MailAddress? value) =>
            {
                value = null;
                return text.Length == 0 || MailAddress.TryParse(text, out value);
            },
        };
}
