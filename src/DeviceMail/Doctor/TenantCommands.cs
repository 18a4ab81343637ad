using System.CommandLine;
using DeviceMail.Accounts;
using DeviceMail.Control;
using DeviceMail.Settings;

namespace DeviceMail.Doctor;

/// <summary>
/// <c>devicemail doctor --tenant</c>: sets the organisation up. Shows what would be done, and does it after a typed yes. With --json the facts alone
/// go to the output; what a person needs for the sign-in goes to the other stream.
/// </summary>
internal sealed class TenantCommands
{
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(1);

    private readonly Option<bool> _tenant = new("--tenant") { Description = "Set the organisation up at Microsoft: an administrator signs in once; shows what it would do, and does it after a yes" };
    private readonly Option<bool> _preview = new("--preview") { Description = "With --tenant: only look and show" };
    private readonly Option<bool> _yes = new("--yes") { Description = "With --tenant: show, and do it without asking" };
    private readonly Option<bool> _all = new("--all-mailboxes") { Description = "With --tenant: allow every mailbox of the organisation, not the one alone" };
    private readonly Option<string> _script = new("--script") { Description = "With --tenant: write the lines for Exchange Online's PowerShell to this file", HelpName = "FILE" };
    private readonly Option<string> _apply = new("--apply") { Description = "With --tenant: set the ids in this account, or make it", HelpName = "ADDRESS" };
    private readonly Option<string> _application = new("--sign-in-app") { Description = "With --tenant: the application by which the administrator signs in [Microsoft Graph Command Line Tools]", HelpName = "CLIENT-ID" };
    private readonly Option<string> _directory = new("--directory") { Description = "With --tenant: tenant ID or domain [found by who signs in]", HelpName = "TENANT" };
    private readonly Option<string> _redirect = new("--redirect") { Description = "With --tenant: Web Config's address for a sign-in by browser", HelpName = "ADDRESS" };
    private readonly Option<bool> _browser = new("--browser") { Description = "With --tenant: the administrator signs in in a browser, in place of a code; where the browser is elsewhere, paste the address it landed on" };
    private readonly Option<int?> _port = new("--port") { Description = "With --tenant and --browser: the port of this machine to come back to, such as one that is forwarded to you [any that is free]" };
    private readonly Option<string> _cloud = new("--cloud") { Description = $"With --tenant: {string.Join(", ", TenantCloud.All.Select(one => one.Key))} [{TenantCloud.All[0].Key}]" };
    private readonly Option<string> _authority = new("--authority") { Description = "With --tenant: another sign-in address, for the lab", HelpName = "ADDRESS" };
    private readonly Option<string> _graph = new("--graph") { Description = "With --tenant: another address of Microsoft Graph, for the lab", HelpName = "ADDRESS" };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_tenant, _preview, _yes, _all, _script, _apply, _application, _directory, _redirect, _browser, _port, _cloud, _authority, _graph]) command.Add(option);
        command.Validators.Add(result =>
        {
            if (!result.GetValue(_tenant) && result.Children.OfType<System.CommandLine.Parsing.OptionResult>().FirstOrDefault(one => !one.Implicit && one.Option.Description?.StartsWith("With --tenant", StringComparison.Ordinal) == true) is { } stray)
                result.AddError($"{stray.Option.Name} belongs to --tenant.");
        });
    }

    public bool IsAsked(ParseResult arguments) => arguments.GetValue(_tenant);

    /// <exception cref="CommandRefusedException">It ended before its end: refused, declined, out of time.</exception>
    public async Task RunAsync(CommandRun run, string mailbox)
    {
        if (run.Json && !run.Get(_preview) && !run.Get(_yes)) throw new WrongUseException("With --json nobody can be asked: add --preview to look, or --yes to do it.");
        if (run.Get(_port) is not null && !run.Get(_browser)) throw new WrongUseException("--port belongs to --browser.");
        if (run.Get(_script) is { Length: > 0 } file && Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder && !Directory.Exists(folder))
            throw new CommandRefusedException($"{file} cannot be written: there is no folder {folder}.");
        await using var loopback = run.Get(_browser) ? await LoopbackAnswer.ListenAsync(run.Get(_port)) : null;
        var request = await RequestAsync(run, mailbox) with { InBrowser = loopback is not null, LoopbackPort = loopback?.Port };
        // The answer of a browser and the yes are typed at one keyboard.
        var typed = new TypedLines(Console.In);
        var said = run.Json ? run.Arguments.InvocationConfiguration.Error : run.Out;
        var begun = await run.Client.PostAsync(TenantControl.Path, request, TenantJson.Default.TenantRequest, TenantJson.Default.TenantFacts);
        try
        {
            if (!begun.IsOver) TenantWords.SignIn(begun, said);
            if (!begun.IsOver && loopback is not null) await AnswerAsync(run, begun, await loopback.WaitAsync(run, begun.SignInAddress, run.Json ? null : typed));
            var shown = await WaitAsync(run, begun.Id, TenantStage.Preview);
            if (shown.Stage == TenantStage.Preview) shown = await DecideAsync(run, shown, typed);
            await FinishAsync(run, shown);
        }
        finally
        {
            await EndAsync(run, begun.Id);
        }
    }

    /// <summary>Shows what would be done and, where it is to be done, waits until it is.</summary>
    private async Task<TenantFacts> DecideAsync(CommandRun run, TenantFacts shown, TypedLines typed)
    {
        if (!run.Json) TenantWords.Plan(shown, run.Out);
        if (run.Get(_preview)) return shown;
        if (!run.Get(_yes))
        {
            run.Out.Write("Type yes to go on: ");
            run.Out.Flush();
            if ((await typed.NextAsync(run.Cancel))?.Trim().Equals("yes", StringComparison.OrdinalIgnoreCase) != true) throw new CommandRefusedException("Nothing was changed.");
        }
        await run.Client.PostAsync($"{TenantControl.Path}/yes?id={Uri.EscapeDataString(shown.Id)}");
        return await WaitAsync(run, shown.Id, TenantStage.Done);
    }

    private static Task<TenantFacts> AnswerAsync(CommandRun run, TenantFacts begun, string landed) =>
        run.Client.PostAsync($"{TenantControl.Path}/answer?id={Uri.EscapeDataString(begun.Id)}", new LandedAddress(landed), AccountsJson.Default.LandedAddress, TenantJson.Default.TenantFacts);

    private async Task FinishAsync(CommandRun run, TenantFacts facts)
    {
        run.Print(facts, TenantJson.Default.TenantFacts, (one, to) =>
        {
            if (one.Stage == TenantStage.Preview) to.WriteLine("Nothing was changed.");
            else TenantWords.End(one, to);
        });
        if (facts.Obstacle is { } obstacle) throw new CommandRefusedException($"{obstacle.Sentence} {obstacle.Remedy}{(obstacle.ServerWords.Length > 0 ? $" Microsoft said: {obstacle.ServerWords}" : "")}");
        if (run.Get(_script) is { Length: > 0 } file && facts.Script.Count > 0) await WriteAsync(file, facts.Script, run.Cancel);
        if (run.Get(_apply) is { Length: > 0 } address && facts.Stage == TenantStage.Done) await ApplyAsync(run, facts, address);
    }

    private static async Task WriteAsync(string file, IReadOnlyList<string> lines, CancellationToken cancel)
    {
        try
        {
            await File.WriteAllLinesAsync(file, lines, cancel);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandRefusedException($"{file} cannot be written ({fault.Message.TrimEnd('.')}).");
        }
    }

    private static async Task ApplyAsync(CommandRun run, TenantFacts facts, string address)
    {
        var isThere = (await run.Client.GetAsync("/control/accounts", AccountsJson.Default.AccountList, run.Cancel)).Accounts.Any(one => one.Address.Equals(address, StringComparison.OrdinalIgnoreCase));
        var asked = new AccountRequest(address) { ClientId = facts.ClientId, TenantId = facts.TenantId };
        var saved = await run.Client.PostAsync($"/control/accounts/{(isThere ? "set" : "add")}", asked, AccountsJson.Default.AccountRequest, AccountsJson.Default.AccountView);
        if (!run.Json) run.Out.WriteLine($"The account {saved.Address} has the ids now. Next: devicemail signin {saved.Address}");
    }

    private async Task<TenantRequest> RequestAsync(CommandRun run, string mailbox)
    {
        if (mailbox.Length == 0 || long.TryParse(mailbox, out _))
        {
            var accounts = (await run.Client.GetAsync("/control/accounts", AccountsJson.Default.AccountList, run.Cancel)).Accounts;
            mailbox = accounts.FirstOrDefault(one => mailbox.Length == 0 ? one.IsDefault : $"{one.Id}" == mailbox)?.Address
                ?? throw new CommandRefusedException("Say which mailbox will send: devicemail doctor --tenant scan@contoso.com");
        }
        return new TenantRequest(mailbox)
        {
            Reach = run.Get(_all) ? ConsentReach.Organisation : ConsentReach.Mailbox,
            SignInApplication = run.Get(_application) ?? TenantRequest.UsualSignInApplication,
            Directory = run.Get(_directory) ?? TenantRequest.AnyDirectory,
            Redirect = run.Get(_redirect) ?? "",
            Cloud = run.Get(_cloud) ?? TenantCloud.All[0].Key,
            Authority = run.Get(_authority) ?? "",
            Graph = run.Get(_graph) ?? "",
        };
    }

    /// <summary>Waits until it is so far, or over.</summary>
    private static async Task<TenantFacts> WaitAsync(CommandRun run, string id, TenantStage stage)
    {
        while (true)
        {
            var now = await run.Client.GetAsync($"{TenantControl.Path}?id={Uri.EscapeDataString(id)}", TenantJson.Default.TenantFacts, run.Cancel);
            if (now.IsOver || now.Stage == stage) return now;
            await Task.Delay(_look, TimeProvider.System, run.Cancel);
        }
    }

    /// <summary>However the command ends, the administrator's token goes with it.</summary>
    private static async Task EndAsync(CommandRun run, string id)
    {
        try
        {
            if (!(await run.Client.GetAsync($"{TenantControl.Path}?id={Uri.EscapeDataString(id)}", TenantJson.Default.TenantFacts)).IsOver)
                await run.Client.PostAsync($"{TenantControl.Path}/end?id={Uri.EscapeDataString(id)}");
        }
        catch (CommandRefusedException)
        {
            // The service is gone, and the token with it; or another set-up took this one's place and ended it.
        }
    }
}

/// <summary>A set-up in lines of text.</summary>
internal static class TenantWords
{
    public static void SignIn(TenantFacts facts, TextWriter to)
    {
        to.WriteLine("An administrator of the organisation signs in, for at most 15 minutes, and lends:");
        foreach (var permission in TenantPermissions.Asked) to.WriteLine($"  {permission.Name,-38} {permission.For}");
        to.WriteLine();
        var isInBrowser = facts.SignInAddress.Length > 0;
        List<string> lines = isInBrowser ? [$"Open  {facts.SignInAddress}"] : [$"Open  {facts.VerificationAddress}", $"Enter {facts.UserCode}"];
        lines.Add($"Sign in as an administrator, not as {facts.Request.Mailbox}, and accept.");
        foreach (var (at, line) in lines.Index()) to.WriteLine($"  {at + 1}. {line}");
        to.WriteLine();
        to.WriteLine(isInBrowser ? LoopbackAnswer.Hint : "If it says AADSTS53003, a policy blocks sign-ins by code: run the command again with --browser.");
        to.WriteLine("If it says AADSTS90094, who signed in is no administrator. Nothing is changed before a yes. Ctrl-C ends it.");
        to.Flush();
    }

    public static void Plan(TenantFacts facts, TextWriter to)
    {
        to.WriteLine($"Organisation {facts.TenantId}{(facts.SignedInAs.Length > 0 ? $", signed in as {facts.SignedInAs}" : "")}");
        foreach (var step in facts.Steps)
        {
            to.WriteLine($"{(step.Would.Length == 0 ? "is there" : "to do"),-8} {step.Key,-20} {step.Is}");
            if (step.Would.Length > 0) to.WriteLine($"         Would be done: {step.Would}");
        }
        Lines(facts, to);
    }

    public static void End(TenantFacts facts, TextWriter to)
    {
        foreach (var step in facts.Steps.Where(step => step.Would.Length > 0)) to.WriteLine($"{(step.IsDone ? "done" : "NOT DONE"),-8} {step.Key,-20} {(step.IsDone ? step.Is : step.Would)}");
        if (facts.Stage != TenantStage.Done) return;
        if (!facts.HasDone)
        {
            to.WriteLine("Nothing is to be done: the organisation is set up.");
            Lines(facts, to);
        }
        else
        {
            foreach (var line in facts.Lines.Where(line => line.Key.StartsWith("smtp-auth", StringComparison.Ordinal))) DoctorCommands.Print(line, to);
        }
        to.WriteLine($"Application (client) ID: {facts.ClientId}");
        to.WriteLine($"Directory (tenant) ID:   {facts.TenantId}");
        to.WriteLine("The administrator's sign-in is thrown away. For the gateway (set in place of add where the account exists):");
        to.WriteLine($"  devicemail accounts add {facts.Request.Mailbox} --client-id {facts.ClientId} --tenant-id {facts.TenantId}");
    }

    private static void Lines(TenantFacts facts, TextWriter to)
    {
        foreach (var line in facts.Lines) DoctorCommands.Print(line, to);
        if (facts.Script.Count == 0) return;
        to.WriteLine("For an Exchange administrator, in PowerShell: switches SMTP AUTH on for this one mailbox.");
        foreach (var line in facts.Script) to.WriteLine($"  {line}");
    }
}
