using System.CommandLine;
using DeviceMail.Control;

namespace DeviceMail.Accounts;

/// <summary><c>devicemail accounts</c>: the mailboxes we send as.</summary>
public static class AccountCommands
{
    public static Command Create(CommandFrame frame)
    {
        var command = new Command("accounts", "The mailboxes that send");
        frame.Run(command, async run => run.Print(await run.Client.GetAsync("/control/accounts", AccountsJson.Default.AccountList, run.Cancel), AccountsJson.Default.AccountList, Write));
        command.Add(Save(frame, "add", "Make an account"));
        command.Add(Save(frame, "set", "Change an account; what is not named stays as it is"));
        command.Add(Switch(frame, "default", "Use this account where no other rule fits", new AccountRequest("") { Default = true }));
        command.Add(Switch(frame, "pause", "Keep the account's mail, and send none", new AccountRequest("") { Paused = true }));
        command.Add(Switch(frame, "resume", "Send the account's mail again", new AccountRequest("") { Paused = false }));
        command.Add(Certificate(frame));
        var address = new Argument<string>("address") { Description = "The account, as `accounts` lists it" };
        var remove = new Command("remove", "Forget an account and its sign-in") { address };
        frame.Run(remove, async run => run.Print(await run.Client.PostAsync($"/control/accounts/remove?address={Uri.EscapeDataString(run.Get(address))}")));
        command.Add(remove);
        return command;
    }

    public static void Write(AccountView account, TextWriter to)
    {
        to.WriteLine($"{account.Address}{(account.IsDefault ? " (default)" : "")}: {Words(account)}, by {account.Server}");
        if (account.SignInDeleted) to.WriteLine("  The former sign-in was deleted: it was made for another server, application or way of signing in. Sign in again.");
        foreach (var refused in account.Refused) to.WriteLine($"  {refused}");
        if (account.Problem is null) return;
        to.WriteLine($"  {(account.Code is { } code ? $"[{code}] " : "")}{account.Problem}. {account.Cause}");
        to.WriteLine($"  What to do: {account.Remedy}");
        if (account.ServerWords is { Length: > 0 } words) to.WriteLine($"  The service said: {words}");
    }

    private static void Write(AccountList list, TextWriter to)
    {
        if (list.Accounts.Count == 0) to.WriteLine("There is no account yet. `devicemail accounts add scan@contoso.com --client-id … --tenant-id …` makes one.");
        foreach (var account in list.Accounts) Write(account, to);
    }

    public static string WithoutSignIn(AuthenticationMethod method) => method == AuthenticationMethod.Off ? "without a sign-in" : "with a password";

    private static string Words(AccountView account) => account.Status switch
    {
        nameof(AccountStatus.SignedIn) => $"signed in since {account.Since:yyyy-MM-dd HH:mm} UTC",
        nameof(AccountStatus.NotNeeded) => $"sends {WithoutSignIn(account.Method)}",
        nameof(AccountStatus.NotSignedIn) => "not signed in",
        nameof(AccountStatus.WaitingForPerson) => $"waits for a person to enter {account.UserCode} at {account.VerificationAddress}",
        nameof(AccountStatus.SignedInNotSaved) => $"signed in as {account.SignedInAs}, not saved",
        nameof(AccountStatus.Expired) => "the sign-in has expired",
        nameof(AccountStatus.Unreachable) => "signed in; the service does not answer",
        _ => "needs a new sign-in",
    };

    private static Command Save(CommandFrame frame, string name, string description)
    {
        var address = new Argument<string>("address") { Description = "The mailbox that sends" };
        var command = new Command(name, description) { address };
        Option<T> Add<T>(string option, string help)
        {
            var made = new Option<T>(option) { Description = help, AllowMultipleArgumentsPerToken = typeof(T).IsArray };
            command.Add(made);
            return made;
        }
        var provider = Add<string>("--provider", $"{string.Join(", ", Providers.All.Select(one => one.Key))} [{Providers.All[0].Key}]");
        var method = Add<string>("--method", "off, password, pop-before-smtp or oauth2 [oauth2]");
        var clientId = Add<string>("--client-id", "Application (client) ID of your registration");
        var tenantId = Add<string>("--tenant-id", "Directory (tenant) ID");
        var host = Add<string>("--host", "SMTP server address");
        var port = Add<int?>("--port", "SMTP server port, 1 to 65535");
        var security = Add<string>("--security", "none, starttls or tls");
        var issuer = Add<string>("--issuer", "OpenID issuer; its endpoints are discovered");
        var device = Add<string>("--device-endpoint", "Device authorization endpoint");
        var token = Add<string>("--token-endpoint", "Token endpoint");
        var authorization = Add<string>("--authorization-endpoint", "Authorization endpoint, for a sign-in in a browser");
        var signInAs = Add<string>("--sign-in-as", "person or application [person]");
        var redirect = Add<string>("--redirect", "Web Config's address as it is registered at the provider, ending in /sign-in/answer");
        var secret = Add<string>("--client-secret-file", "A file with the application's client secret, or - for standard input");
        var noSecret = Add<bool?>("--no-client-secret", "Forget the client secret");
        var secretEnds = Add<DateTimeOffset?>("--secret-ends", "When the client secret ends, such as 2028-11-24");
        var sendBy = Add<string>("--send-by", "automatic, smtp or graph [automatic]");
        var graph = Add<string>("--graph", "Microsoft Graph's address, where it is not the provider's");
        var large = Add<bool?>("--large-by-graph", "Mail over 3 MB goes by a draft; Mail.ReadWrite must have been granted");
        var scopes = Add<string>("--scopes", "Scopes, separated by spaces");
        var mechanism = Add<string>("--mechanism", "xoauth2 or oauthbearer");
        var user = Add<string>("--user", "User name at the server [the address]");
        var password = Add<string>("--password-file", "A file with the password, or - for standard input");
        var popHost = Add<string>("--pop-host", "POP3 server address, for pop-before-smtp");
        var popPort = Add<int?>("--pop-port", "POP3 server port, 1 to 65535 [110]");
        var noVerify = Add<bool?>("--no-verify", "Do not check the server's certificate");
        var byDefault = Add<bool?>("--default", "Use it where no other rule fits");
        var keepFrom = Add<bool?>("--keep-from", "Keep the device's From; the account needs Send As");
        var allow = Add<string[]>("--allow-sender", "Addresses it may also send as");
        var route = Add<string[]>("--route-sender", "Senders (addresses or domains) whose mail it takes");
        var connections = Add<int?>("--connections", "Connections at once, 1 to 50");
        var perMinute = Add<int?>("--per-minute", "Messages a minute, 0 for no limit");
        var perDay = Add<int?>("--per-day", "Recipients in 24 hours, 0 for no limit");
        var size = Add<long?>("--size-limit", "The largest message in octets");
        frame.Run(command, async run =>
        {
            var asked = new AccountRequest(run.Get(address))
            {
                Provider = run.Get(provider),
                Method = run.Get(method),
                ClientId = run.Get(clientId),
                TenantId = run.Get(tenantId),
                Host = run.Get(host),
                Port = run.Get(port),
                Security = run.Get(security),
                Issuer = run.Get(issuer),
                DeviceEndpoint = run.Get(device),
                TokenEndpoint = run.Get(token),
                AuthorizationEndpoint = run.Get(authorization),
                SignInAs = run.Get(signInAs),
                Redirect = run.Get(redirect),
                ClientSecret = run.Get(secret) is { } secretFile ? await TypedSecret.ReadAsync(secretFile, run.Cancel) : null,
                NoClientSecret = run.Get(noSecret),
                SecretEnds = run.Get(secretEnds),
                SendBy = run.Get(sendBy),
                GraphAddress = run.Get(graph),
                LargeByGraph = run.Get(large),
                Scopes = run.Get(scopes),
                Mechanism = run.Get(mechanism),
                User = run.Get(user),
                Password = run.Get(password) is { } file ? await TypedSecret.ReadAsync(file, run.Cancel) : null,
                PopHost = run.Get(popHost),
                PopPort = run.Get(popPort),
                Verify = run.Get(noVerify) is { } no ? !no : null,
                Default = run.Get(byDefault),
                KeepFrom = run.Get(keepFrom),
                AllowSenders = run.Get(allow) is { Length: > 0 } allowed ? allowed : null,
                RouteSenders = run.Get(route) is { Length: > 0 } routed ? routed : null,
                Connections = run.Get(connections),
                PerMinute = run.Get(perMinute),
                PerDay = run.Get(perDay),
                SizeLimit = run.Get(size),
            };
            await SendAsync(run, $"/control/accounts/{name}", asked);
        });
        return command;
    }

    private static Command Certificate(CommandFrame frame)
    {
        var address = new Argument<string>("address") { Description = "The account, as `accounts` lists it" };
        var command = new Command("certificate", "Make the next certificate for an account's application; its key stays here") { address };
        frame.Run(command, async run => run.Print(await run.Client.PostAsync($"/control/accounts/certificate?address={Uri.EscapeDataString(run.Get(address))}", AccountsJson.Default.CertificateView),
            AccountsJson.Default.CertificateView, (made, to) =>
            {
                to.Write(made.Pem);
                to.WriteLine($"SHA-256 {made.Sha256}, good until {made.RunsOut:d MMMM yyyy}.");
                to.WriteLine("Save the certificate in a file and upload it to the registration (Certificates & secrets > Certificates).");
                to.WriteLine($"Then `devicemail accounts set {made.Account} --sign-in-as application` and `devicemail signin {made.Account}`.");
            }));
        return command;
    }

    private static Command Switch(CommandFrame frame, string name, string description, AccountRequest change)
    {
        var address = new Argument<string>("address") { Description = "The account, as `accounts` lists it" };
        var command = new Command(name, description) { address };
        frame.Run(command, run => SendAsync(run, "/control/accounts/set", change with { Address = run.Get(address) }));
        return command;
    }

    private static async Task SendAsync(CommandRun run, string path, AccountRequest asked) =>
        run.Print(await run.Client.PostAsync(path, asked, AccountsJson.Default.AccountRequest, AccountsJson.Default.AccountView), AccountsJson.Default.AccountView, Write);
}
