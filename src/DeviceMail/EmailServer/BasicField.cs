using System.Globalization;
using DeviceMail.Accounts;
using DeviceMail.Messages;

namespace DeviceMail.EmailServer;

/// <summary>One field of Email Server: Basic: what it is called, when it is used, and what it must hold.</summary>
/// <param name="Id">Its name in the form.</param>
/// <param name="Label">As the guide spells it.</param>
/// <param name="Value">What it holds.</param>
public sealed record BasicField(string Id, string Label, Func<BasicForm, string> Value)
{
    public const int LongestAddress = 255, LongestPassword = 1_024;

    /// <summary>Whether the chosen method and service use it; a field that is not used is not judged.</summary>
    public Func<BasicForm, bool> IsUsed { get; init; } = _ => true;

    /// <summary>Null when the text is good; otherwise what it must be, as a sentence that begins with <see cref="Label"/>.</summary>
    public required Func<string, string?> Fault { get; init; }

    /// <summary>All fields that can be wrong, in the order of the page. Ranges: the guide's device, wider where today's providers need it.</summary>
    public static IReadOnlyList<BasicField> All { get; } =
    [
        new("method", "Authentication Method", form => form.Method) { Fault = text => Enum.GetNames<AuthenticationMethod>().Contains(text) ? null : "Authentication Method: choose one of the list." },
        new("service", "Email service", form => form.Service) { Fault = text => Providers.Find(text) is null ? "Email service: choose one of the list." : null },
        new("method", "Authentication Method", form => form.Service) { IsUsed = form => form.UsesOAuth, Fault = MethodFault },
        new("client", "Application (client) ID", form => form.ClientId) { IsUsed = form => form.UsesOAuth && MethodFault(form.Service) is null, Fault = ClientFault },
        new("client", "Application (client) ID", form => form.ClientId) { IsUsed = form => form.IsMicrosoft, Fault = text => IdFault("Application (client) ID", text) },
        new("tenant", "Directory (tenant) ID", form => form.TenantId) { IsUsed = form => form.IsMicrosoft && Providers.Find(form.Service)!.DefaultTenant.Length == 0, Fault = TenantFault },
        new("account-name", "Authenticated Account", form => form.UserName) { IsUsed = form => form.UsesPassword, Fault = AccountFault },
        new("sender", "Sender's Email Address", form => form.Sender) { Fault = SenderFault },
        new("server", "SMTP Server Address", form => form.Host) { Fault = text => HostFault("SMTP Server Address", text) },
        new("port", "SMTP Server Port Number", form => form.Port) { Fault = text => PortFault("SMTP Server Port Number", text) },
        new("secure", "Secure Connection", form => form.Security) { Fault = text => Enum.GetNames<ConnectionSecurity>().Contains(text) ? null : "Secure Connection: choose one of the list." },
        new("pop-server", "POP3 Server Address", form => form.PopHost) { IsUsed = form => form.UsesPop, Fault = text => HostFault("POP3 Server Address", text) },
        new("pop-port", "POP3 Server Port Number", form => form.PopPort) { IsUsed = form => form.UsesPop, Fault = text => PortFault("POP3 Server Port Number", text) },
        new("scopes", "Scopes", form => form.Scopes) { IsUsed = IsCustomSignIn, Fault = text => text.Length > 0 ? null : "Scopes cannot be empty: without them the provider gives no token for sending." },
        Endpoint("issuer", "Issuer", form => form.Issuer),
        Endpoint("device-authorization", "Device authorization address", form => form.DeviceAuthorization),
        Endpoint("authorization", "Authorization address", form => form.Authorization),
        Endpoint("token", "Token address", form => form.Token),
        Endpoint("graph", "Microsoft Graph address", form => form.Graph),
        new("sign-in-as", "Sign in as", form => form.SignInAs) { IsUsed = form => form.UsesOAuth, Fault = text => Enum.GetNames<SignInAs>().Contains(text) ? null : "Sign in as: choose one of the list." },
        new("sign-in-as", "Sign in as", form => form.Service) { IsUsed = form => form.UsesOAuth && form.SignInAs == nameof(SignInAs.Application), Fault = ApplicationFault },
        new("send-by", "Send by", form => form.SendBy) { Fault = text => Enum.GetNames<TransportChoice>().Contains(text) ? null : "Send by: choose one of the list." },
        new("send-by", "Send by", form => form.Service) { IsUsed = form => form is { UsesOAuth: true, IsCustom: false, SendBy: nameof(TransportChoice.Graph) }, Fault = GraphFault },
        new("redirect", "Registered address", form => form.Redirect) { IsUsed = form => form.UsesOAuth, Fault = RedirectFault },
    ];

    /// <summary>Everything that is wrong with the fields in use, one sentence a field.</summary>
    public static IReadOnlyList<FieldFault> FaultsOf(BasicForm form) =>
        [.. All.Where(field => field.IsUsed(form)).Select(field => (field.Id, Sentence: field.Fault(field.Value(form)))).Where(one => one.Sentence is not null)
            .DistinctBy(one => one.Id).Select(one => new FieldFault(one.Id, one.Sentence!))];

    /// <summary>Null when it is a password that can be kept. Its text goes nowhere else.</summary>
    public static string? PasswordFault(string password) => password.EnumerateRunes().Count() > LongestPassword
        ? $"Authenticated Password is longer than {LongestPassword:N0} characters."
        : password.Any(char.IsControl) ? "Authenticated Password must not hold a line break or another control character." : null;

    private static BasicField Endpoint(string id, string label, Func<BasicForm, string> value) => new(id, label, value)
    {
        IsUsed = IsCustomSignIn,
        Fault = text => text.Length == 0 || AccountRules.IsSafe(text) ? null : $"{label} must be an address that begins with https://: a sign-in is sent there.",
    };

    private static bool IsCustomSignIn(BasicForm form) => form.UsesOAuth && form.IsCustom;

    private static string? MethodFault(string service) => Providers.Find(service) is { Ways.Count: 0 } provider
        ? $"Authentication Method: {provider.Title} has no OAuth2 for programs of one's own. Choose SMTP AUTH, with an app password." : null;

    private static string? ApplicationFault(string service) => Providers.Find(service) is { } provider && !provider.Ways.Contains(SignInWay.Application)
        ? $"Sign in as: {provider.Title} lets only persons sign in." : null;

    private static string? GraphFault(string service) => Providers.Find(service) is { Graph.Length: 0 } provider ? $"Send by: {provider.Title} has no Microsoft Graph." : null;

    private static string? RedirectFault(string text) => text.Length == 0 || AccountRules.IsSafe(text) && text.EndsWith(AccountRules.AnswerPath, StringComparison.Ordinal)
        ? null
        : $"Registered address must begin with https:// and end in {AccountRules.AnswerPath}: the provider leads browsers there.";

    private static string? ClientFault(string text) => text.Length == 0
        ? "Application (client) ID is empty: it names the program to the provider. The page Application Registration says where it comes from."
        : text.Length > LongestAddress || text.Any(char.IsControl) ? "Application (client) ID cannot be longer than 255 characters." : null;

    /// <summary>What the form of an id tells, before anybody is asked.</summary>
    public static string? IdFault(string label, string text) => Guid.TryParseExact(text, "D", out _)
        ? null
        : $"{label} has the form 00000000-0000-0000-0000-000000000000: 32 digits or letters a to f in five groups. Copy it from the application's Overview.";

    /// <summary>A directory is named by its id or by one of its domains.</summary>
    public static string? TenantFault(string text) => text.Length > 0 && text.Contains('.', StringComparison.Ordinal) && Uri.CheckHostName(text) == UriHostNameType.Dns
        ? null
        : IdFault("Directory (tenant) ID", text);

    private static string? AccountFault(string text) => text.Length > LongestAddress || text.Any(c => c is < ' ' or > '~')
        ? "Authenticated Account can have up to 255 characters of ASCII: letters, digits and signs without accents."
        : null;

    private static string? SenderFault(string text) => MailAddress.TryParse(text, out _) && text.Length <= LongestAddress
        ? null
        : "Sender's Email Address needs the form name@domain, up to 255 characters: it is the mailbox that sends.";

    private static string? HostFault(string label, string text) => text.Length is > 0 and <= LongestAddress && Uri.CheckHostName(text) != UriHostNameType.Unknown
        ? null
        : $"{label} must be a host name or an IP address: letters, digits, dots and hyphens, up to 255.";

    private static string? PortFault(string label, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65_535 ? null : $"{label} must be a whole number from 1 to 65535.";
}
