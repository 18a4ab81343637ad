using System.CommandLine;
using DeviceMail.Control;

namespace DeviceMail.People;

/// <summary><c>devicemail people</c>: the registered users.</summary>
public static class PersonCommands
{
    private const string None = "none", Generate = "generate";

    public static Command Create(CommandFrame frame)
    {
        var command = new Command("people", "Registered users, who scan to their own mailboxes");
        frame.Run(command, async run => run.Print(await run.Client.GetAsync("/control/people", PeopleJson.Default.PeopleList, run.Cancel), PeopleJson.Default.PeopleList, Write));
        command.Add(Add(frame));
        command.Add(Set(frame));
        command.Add(Remove(frame));
        command.Add(Import(frame));
        command.Add(Export(frame));
        return command;
    }

    private static Command Add(CommandFrame frame)
    {
        var user = new Argument<string>("user-id") { Description = "What the user types to sign in" };
        var fields = new Fields();
        var command = new Command("add", "Register a user") { user };
        fields.AddTo(command);
        frame.Run(command, async run => await SendAsync(run, "add", run.Get(user), await fields.ReadAsync(run) with { UserId = run.Get(user) }));
        return command;
    }

    private static Command Set(CommandFrame frame)
    {
        var user = new Argument<string>("user-id") { Description = "The user, as `people` lists it" };
        var rename = new Option<string>("--user-id") { Description = "Another user ID" };
        var fields = new Fields();
        var command = new Command("set", "Change a user; what is not named stays") { user, rename };
        fields.AddTo(command);
        frame.Run(command, async run => await SendAsync(run, "set", run.Get(user), await fields.ReadAsync(run) with { UserId = run.Get(rename) }));
        return command;
    }

    private static Command Remove(CommandFrame frame)
    {
        var user = new Argument<string>("user-id") { Description = "The user, as `people` lists it" };
        var command = new Command("remove", "Remove a user") { user };
        frame.Run(command, async run => run.Print(await run.Client.PostAsync($"/control/people/remove?name={Uri.EscapeDataString(run.Get(user))}")));
        return command;
    }

    private static Command Import(CommandFrame frame)
    {
        var file = new Argument<string>("file") { Description = $"CSV in UTF-8; its first line names the columns: {string.Join(", ", PeopleFile.Columns)}" };
        var preview = new Option<bool>("--preview") { Description = "Say what it would change, and change nothing" };
        var command = new Command("import", "Register and change the users of a file, or none when one of its lines is wrong") { file, preview };
        frame.Run(command, async run =>
        {
            await using var octets = Open(run.Get(file));
            var answer = await run.Client.PostAsync($"/control/people/import{(run.Get(preview) ? "?preview=true" : "")}", octets, PeopleJson.Default.ImportAnswer);
            run.Print(answer, PeopleJson.Default.ImportAnswer, (one, to) =>
            {
                foreach (var name in one.New) to.WriteLine($"{name}: new");
                foreach (var line in one.Changed) to.WriteLine($"{line.UserId}: {string.Join(", ", line.Fields)}");
                to.WriteLine(one.Sentence);
            });
        });
        return command;
    }

    private static Command Export(CommandFrame frame)
    {
        var file = new Argument<string?>("file") { Description = "Where to write it [standard output]", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("export", "Write the users as CSV; no ID number, card or password is among it") { file };
        frame.Run(command, async run =>
        {
            var text = (await run.Client.GetAsync("/control/people/export", PeopleJson.Default.PeopleText, run.Cancel)).Text;
            if (run.Get(file) is not { Length: > 0 } path)
            {
                run.Out.Write(text.TrimStart('\ufeff'));
                return;
            }
            try
            {
                await File.WriteAllTextAsync(path, text, run.Cancel);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                throw new CommandRefusedException($"{path} cannot be written ({fault.Message.TrimEnd('.')}).");
            }
        });
        return command;
    }

    private static FileStream Open(string path)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandRefusedException($"{path} cannot be read ({fault.Message.TrimEnd('.')}).");
        }
    }

    private static async Task SendAsync(CommandRun run, string what, string name, PersonWish wish)
    {
        var made = await run.Client.PostAsync($"/control/people/{what}?name={Uri.EscapeDataString(name)}", wish, PeopleJson.Default.PersonWish, PeopleJson.Default.PersonMade);
        run.Print(made, PeopleJson.Default.PersonMade, (one, to) =>
        {
            to.WriteLine(one.Sentence);
            if (one.IdNumber is not null) to.WriteLine($"  ID number: {one.IdNumber}   (shown this once)");
        });
    }

    private static void Write(PeopleList list, TextWriter to)
    {
        if (list.People.Count == 0) to.WriteLine("No user is registered. `devicemail people add USER-ID --address ADDRESS` registers one, `devicemail people import FILE` many.");
        foreach (var person in list.People)
        {
            string[] ways = [person.HasPassword ? "password" : "", person.HasIdNumber ? "ID number" : "", person.HasCard ? "card" : "", person.HasLostSecret ? "set it again" : "", person.IsAdministrator ? "administrator" : ""];
            to.WriteLine($"{person.UserId,-20} {person.Address,-32} {person.DisplayName,-24} {string.Join(", ", ways.Where(way => way.Length > 0))}".TrimEnd());
        }
    }

    /// <summary>The options of a user; secrets come from files or standard input, one line each in the order password, ID number, card.</summary>
    private sealed class Fields
    {
        private readonly Option<string> _address = new("--address") { Description = "The mail address that scans go to" };
        private readonly Option<string> _name = new("--name") { Description = "The display name [the user ID]" };
        private readonly Option<string> _signIn = new("--sign-in-name") { Description = "The name of the account at the provider, where it differs from the address" };
        private readonly Option<string> _department = new("--department") { Description = "The department" };
        private readonly Option<bool?> _administrator = new("--administrator") { Description = "Whether the user may agree to permissions for the organisation" };
        private readonly Option<string> _number = new("--id-number") { Description = $"{Generate} makes one and shows it once; {None} takes it away" };
        private readonly Option<string> _password = new("--password-file") { Description = "A file with the password, or - for standard input" };
        private readonly Option<string> _numberFile = new("--id-number-file") { Description = "A file with an ID number of your own, or - for standard input" };
        private readonly Option<string> _card = new("--card-file") { Description = $"A file with the card's ID, or - for standard input; {None} takes it away" };

        public Fields() => _number.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: not (Generate or None) }]) result.AddError($"--id-number is {Generate} or {None}; --id-number-file takes one of your own.");
        });

        public void AddTo(Command command)
        {
            foreach (var option in (Option[])[_address, _name, _signIn, _department, _administrator, _number, _password, _numberFile, _card]) command.Add(option);
        }

        public async Task<PersonWish> ReadAsync(CommandRun run)
        {
            var password = await SecretAsync(run, _password);
            var number = run.Get(_number) == None ? "" : await SecretAsync(run, _numberFile);
            return new PersonWish
            {
                Address = run.Get(_address),
                DisplayName = run.Get(_name),
                SignInName = run.Get(_signIn),
                Department = run.Get(_department),
                IsAdministrator = run.Get(_administrator),
                Password = password,
                IdNumber = number,
                MakesIdNumber = run.Get(_number) == Generate,
                Card = run.Get(_card) == None ? "" : await SecretAsync(run, _card),
            };
        }

        private static async Task<string?> SecretAsync(CommandRun run, Option<string> option) => run.Get(option) is { } file ? await TypedSecret.ReadAsync(file, run.Cancel) : null;
    }
}
