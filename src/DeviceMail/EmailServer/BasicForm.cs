using System.Globalization;
using DeviceMail.Accounts;
using DeviceMail.Messages;

namespace DeviceMail.EmailServer;

/// <summary>What the fields of Email Server: Basic hold, as text, before anybody has judged it.</summary>
public sealed record BasicForm
{
    public required string Method { get; init; }

    public required string Service { get; init; }

    public string ClientId { get; init; } = "";

    public string TenantId { get; init; } = "";

    public string Issuer { get; init; } = "";

    public string DeviceAuthorization { get; init; } = "";

    public string Token { get; init; } = "";

    public string Scopes { get; init; } = "";

    public string Mechanism { get; init; } = nameof(TokenMechanism.XOAuth2);

    public string Authorization { get; init; } = "";

    public string SignInAs { get; init; } = nameof(Accounts.SignInAs.Person);

    public string Redirect { get; init; } = "";

    public string SendBy { get; init; } = nameof(TransportChoice.Automatic);

    public string Graph { get; init; } = "";

    public bool SendsLargeByGraph { get; init; }

    public string Sender { get; init; } = "";

    public string UserName { get; init; } = "";

    public string Host { get; init; } = "";

    public string Port { get; init; } = "587";

    public string Security { get; init; } = nameof(ConnectionSecurity.StartTls);

    public bool Validates { get; init; } = true;

    public string PopHost { get; init; } = "";

    public string PopPort { get; init; } = "110";

    public bool UsesOAuth => Method == nameof(AuthenticationMethod.OAuth2);

    public bool UsesPop => Method == nameof(AuthenticationMethod.PopBeforeSmtp);

    public bool UsesPassword => Method == nameof(AuthenticationMethod.SmtpAuth) || UsesPop;

    public bool IsCustom => Providers.Find(Service) is { IsCustom: true };

    public bool IsMicrosoft => UsesOAuth && Providers.Find(Service) is { IsMicrosoft: true };

    /// <summary>The empty form of a new account, filled for the first provider.</summary>
    public static BasicForm New { get; } = Filled(Providers.All[0], new BasicForm { Method = nameof(AuthenticationMethod.OAuth2), Service = Providers.All[0].Key });

    public static BasicForm Of(Account account) => new()
    {
        Method = account.Method.ToString(),
        Service = account.Provider,
        ClientId = account.ClientId,
        TenantId = account.TenantId,
        Issuer = account.OAuth.Issuer,
        DeviceAuthorization = account.OAuth.DeviceAuthorization,
        Token = account.OAuth.Token,
        Scopes = account.OAuth.Scopes,
        Mechanism = account.OAuth.Mechanism.ToString(),
        Authorization = account.OAuth.Authorization,
        SignInAs = account.SignInAs.ToString(),
        Redirect = account.RedirectAddress,
        SendBy = account.Transport.ToString(),
        Graph = account.GraphAddress,
        SendsLargeByGraph = account.SendsLargeByGraph,
        Sender = account.Address.ToString(),
        UserName = account.UserName,
        Host = account.Host,
        Port = account.Port.ToString(CultureInfo.InvariantCulture),
        Security = account.Security.ToString(),
        Validates = account.VerifiesCertificate,
        PopHost = account.PopHost,
        PopPort = account.PopPort.ToString(CultureInfo.InvariantCulture),
    };

    /// <param name="posted">What the browser sent. A field that is disabled there is not sent, and keeps its value.</param>
    /// <param name="before">What the page showed.</param>
    public static BasicForm Read(IFormCollection posted, BasicForm before)
    {
        string Field(string name, string kept) => posted.TryGetValue(name, out var text) ? text.ToString().Trim() : kept;
        var form = before with
        {
            Method = Field("method", before.Method),
            Service = Field("service", before.Service),
            ClientId = Field("client", before.ClientId),
            TenantId = Field("tenant", before.TenantId),
            Issuer = Field("issuer", before.Issuer),
            DeviceAuthorization = Field("device-authorization", before.DeviceAuthorization),
            Token = Field("token", before.Token),
            Scopes = Field("scopes", before.Scopes),
            Mechanism = Field("mechanism", before.Mechanism),
            Authorization = Field("authorization", before.Authorization),
            SignInAs = Field("sign-in-as", before.SignInAs),
            Redirect = Field("redirect", before.Redirect),
            SendBy = Field("send-by", before.SendBy),
            Graph = Field("graph", before.Graph),
            // A box that is not ticked is not sent; the hidden field beside it says that it was there.
            SendsLargeByGraph = posted.ContainsKey("large-shown") ? posted.ContainsKey("large-by-graph") : before.SendsLargeByGraph,
            Sender = Field("sender", before.Sender),
            UserName = Field("account-name", before.UserName),
            Host = Field("server", before.Host),
            Port = Field("port", before.Port),
            Security = Field("secure", before.Security),
            Validates = Field("validation", before.Validates ? "on" : "off") == "on",
            PopHost = Field("pop-server", before.PopHost),
            PopPort = Field("pop-port", before.PopPort),
        };
        // Choosing a service fills its fields; the script does it while the person looks, and this where there is none.
        var chosen = form.Service != before.Service && form.Host == before.Host ? Providers.Find(form.Service) : null;
        return chosen is null ? form : Filled(chosen, form);
    }

    /// <param name="before">The account as it is; null for a new one.</param>
    /// <returns>The account these fields describe, or what is wrong with them.</returns>
    public (Account? Account, IReadOnlyList<FieldFault> Faults) ToAccount(Account? before)
    {
        if (BasicField.FaultsOf(this) is { Count: > 0 } faults) return (null, faults);
        var (address, provider, port) = (MailAddress.Parse(Sender), Providers.Find(Service) ?? Providers.All[0], int.Parse(Port, CultureInfo.InvariantCulture));
        var (method, security) = (Enum.Parse<AuthenticationMethod>(Method), Enum.Parse<ConnectionSecurity>(Security));
        var start = before ?? provider.NewAccount(address);
        return (start with
        {
            Address = address,
            Provider = provider.Key,
            Method = method,
            Host = Host,
            Port = port,
            Security = security,
            VerifiesCertificate = Validates,
            PopHost = PopHost,
            PopPort = UsesPop ? int.Parse(PopPort, CultureInfo.InvariantCulture) : start.PopPort,
            UserName = UserName,
            ClientId = ClientId,
            TenantId = TenantId.Length > 0 ? TenantId : provider.DefaultTenant,
            OAuth = IsCustom ? CustomEndpoints : provider.OAuth,
            SignInAs = Enum.Parse<SignInAs>(SignInAs),
            RedirectAddress = Redirect,
            Transport = Enum.Parse<TransportChoice>(SendBy),
            GraphAddress = IsCustom ? Graph : start.Provider == provider.Key ? start.GraphAddress : "",
            SendsLargeByGraph = SendsLargeByGraph,
            SizeLimit = start.Provider == provider.Key ? start.SizeLimit : provider.SizeLimit,
            Budget = start.Provider == provider.Key ? start.Budget : provider.Budget,
        }, []);
    }

    private OAuthEndpoints CustomEndpoints => new()
    {
        Issuer = Issuer,
        DeviceAuthorization = DeviceAuthorization,
        Authorization = Authorization,
        Token = Token,
        Scopes = Scopes,
        Mechanism = Enum.TryParse<TokenMechanism>(Mechanism, out var mechanism) ? mechanism : TokenMechanism.XOAuth2,
    };

    private static BasicForm Filled(Provider provider, BasicForm form) => form with
    {
        Service = provider.Key,
        Host = provider.Host,
        Port = provider.Port.ToString(CultureInfo.InvariantCulture),
        Security = provider.Security.ToString(),
        TenantId = provider.DefaultTenant.Length > 0 ? provider.DefaultTenant : Providers.All.Any(one => one.DefaultTenant == form.TenantId) ? "" : form.TenantId,
        Issuer = provider.OAuth.Issuer,
        Method = provider.Method != AuthenticationMethod.OAuth2 && form.UsesOAuth ? provider.Method.ToString() : form.Method,
        DeviceAuthorization = provider.OAuth.DeviceAuthorization,
        Authorization = provider.OAuth.Authorization,
        Token = provider.OAuth.Token,
        Scopes = provider.OAuth.Scopes,
        Mechanism = provider.OAuth.Mechanism.ToString(),
    };
}

/// <summary>What is wrong with one field of the page.</summary>
public sealed record FieldFault(string Field, string Sentence)
{
    /// <summary>Finds the field that a refusal of the accounts speaks of.</summary>
    public static FieldFault Of(string sentence)
    {
        (string Words, string Field)[] fields =
        [
            ("Secure Connection", "secure"), ("POP3 Server Address", "pop-server"), ("POP3 Server Port", "pop-port"), ("SMTP Server Address", "server"), ("SMTP Server Port", "port"),
            ("Email service", "service"), ("(client) ID", "client"), ("(tenant) ID", "tenant"),
            ("There is an account", "sender"), ("Sign in as", "sign-in-as"), ("Send by", "send-by"), ("registered address", "redirect"), ("Scopes", "scopes"), ("issuer", "issuer"), ("is not safe", "issuer"),
        ];
        var field = fields.FirstOrDefault(one => sentence.Contains(one.Words, StringComparison.Ordinal)).Field ?? "service";
        return new FieldFault(field, sentence.Split('\n')[0].Replace(" Register an application once:", " The page Application Registration says how.", StringComparison.Ordinal));
    }
}
