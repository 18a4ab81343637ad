using System.Globalization;
using DeviceMail.Accounts;
using DeviceMail.Control;
using DeviceMail.EmailServer;

namespace DeviceMail.Demo;

/// <summary>The main job without a person: sign in, scan, and find the scan in the mailbox, unchanged. Each step is one line with its time.</summary>
public sealed class DemoStory(TextWriter to, TimeProvider time)
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly long _start = time.GetTimestamp();
    private string _step = "";

    /// <exception cref="CommandRefusedException">A step failed, or the time is over; the sentence says what is missing.</exception>
    public async Task PlayAsync(CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancel);
        try
        {
            await PlayStepsAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new CommandRefusedException($"The demo did not end within {Deadline.TotalSeconds:0} seconds; it still waits for this: {_step}.");
        }
    }

    private async Task PlayStepsAsync(CancellationToken cancel)
    {
        Begin("gateway and pretend Microsoft 365 start");
        await using var stage = await DemoStage.StartAsync(cancel);
        Tick($"A gateway (SMTP {stage.Smtp}) and a pretend Microsoft 365 run on this machine.");

        Begin("the provider gives a sign-in code");
        var desk = stage.Gateway.GetRequiredService<EmailServerDesk>();
        await desk.NewCodeAsync(stage.Account, cancel);
        if (stage.Gateway.GetRequiredService<AccountStatusBoard>().StatusOf(stage.Account.Id) is not AccountStatus.WaitingForPerson code)
            throw new CommandRefusedException($"The demo cannot go on: the pretend Microsoft 365 gave no sign-in code ({desk.StepOf(stage.Account)}).");
        Tick($"The gateway shows the code {code.UserCode} for {code.VerificationAddress}.");

        Begin("a person enters the code and accepts");
        await EnterCodeAsync(stage, code.UserCode, cancel);
        Tick($"A person entered it there, signed in as {DemoStage.Mailbox} and accepted.");

        Begin("the gateway learns of the sign-in");
        await UntilAsync(stage, () => desk.Staged(stage.Account) is not null, cancel);
        if (await desk.SaveAsync(stage.Account, BasicForm.Of(stage.Account), new TypedSecrets(null)) is DeskOutcome.Refused refused)
            throw new CommandRefusedException($"The demo cannot go on: {refused.Fault.Sentence}");
        Tick("The gateway is signed in, and OK saved it.");

        Begin("the printer hands in a scan");
        var scan = await stage.Lab.Printer.ScanAsync(DemoStage.Recipient, cancel);
        if (!scan.Accepted) throw new CommandRefusedException($"The demo cannot go on: the gateway did not take the scan. It said: {scan.Reply}");
        Tick($"A printer handed in a scan of {scan.PdfBytes} bytes by plain SMTP; the gateway promised it: {scan.Reply}");

        Begin($"the scan arrives in the mailbox of {DemoStage.Recipient}");
        var mail = await stage.Lab.Mailboxes.WaitForAsync(DemoStage.Recipient, _ => true, cancel);
        Tick($"It lies in the mailbox of {DemoStage.Recipient}, sent by {mail.Envelope.SignedIn}.");

        if (!mail.Content.Attachments.Any(one => one.Sha256 == scan.PdfSha256))
            throw new CommandRefusedException("The demo failed: the attachment in the mailbox is not the scan that the printer handed in.");
        Tick($"Its attachment is the scan, octet by octet: SHA-256 {scan.PdfSha256[..16]}…");
    }

    /// <summary>What a person does at the provider's page, by its forms.</summary>
    private static async Task EnterCodeAsync(DemoStage stage, string userCode, CancellationToken cancel)
    {
        using var browser = new HttpClient { BaseAddress = stage.Lab.Web };
        (string Path, KeyValuePair<string, string>[] Fields)[] forms =
        [
            ("/device", []),
            ("/device/signin", [new("account", DemoStage.Mailbox), new("password", "any")]),
            ("/device/consent", [new("accept", "yes")]),
        ];
        foreach (var (path, fields) in forms)
        {
            using var form = new FormUrlEncodedContent([new("user_code", userCode), .. fields]);
            using var answer = await browser.PostAsync(path, form, cancel);
            answer.EnsureSuccessStatusCode();
        }
    }

    private static async Task UntilAsync(DemoStage stage, Func<bool> holds, CancellationToken cancel)
    {
        var board = stage.Gateway.GetRequiredService<AccountStatusBoard>();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Check(long _)
        {
            if (holds()) done.TrySetResult();
        }
        board.Changed += Check;
        try
        {
            Check(0);
            await done.Task.WaitAsync(cancel);
        }
        finally
        {
            board.Changed -= Check;
        }
    }

    private void Begin(string step) => _step = step;

    private void Tick(string sentence) =>
        to.WriteLine(string.Create(CultureInfo.InvariantCulture, $"✓ {time.GetElapsedTime(_start).TotalSeconds,5:0.0} s  {sentence}"));
}
