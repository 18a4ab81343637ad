using System.CommandLine;
using System.Text.Json;
using DeviceMail.Control;

namespace DeviceMail.Doctor;

/// <summary><c>devicemail explain</c>: what a code or a server's words mean. It needs no service and no data folder.</summary>
public static class ExplainCommands
{
    public static Command Create(CommandFrame frame)
    {
        var question = new Argument<string[]>("code")
        {
            Description = "A code (361, AADSTS53003, 5.7.139), a problem's name (smtp-auth-off), or the whole line that a server said",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command("explain", "What a code or a server's words mean, and what to do") { question };
        command.SetAction(arguments =>
        {
            var answer = ExplainAnswer.To(string.Join(' ', arguments.GetRequiredValue(question)));
            var settings = arguments.InvocationConfiguration;
            if (arguments.GetValue(frame.Json)) settings.Output.WriteLine(JsonSerializer.Serialize(answer, DoctorJson.Default.ExplainAnswer));
            else if (answer.Meanings.Count == 0) settings.Error.WriteLine(answer.Sentence);
            else Print(answer, settings.Output);
            return answer.Meanings.Count == 0 ? 1 : 0;
        });
        return command;
    }

    private static void Print(ExplainAnswer answer, TextWriter to)
    {
        if (answer.Sentence.Length > 0) to.WriteLine($"{answer.Sentence}\n");
        var isFirst = true;
        foreach (var one in answer.Meanings)
        {
            if (!isFirst) to.WriteLine();
            isFirst = false;
            to.WriteLine($"{one.Title} ({one.Says}{(one.Says == one.Key ? "" : $", {one.Key}")}{(one.Code is { } code ? $", code {code}" : "")})");
            to.WriteLine($"  Cause       {one.Cause}");
            to.WriteLine($"  What to do  {one.Remedy}");
            to.WriteLine($"  Meanwhile   {one.Consequence}");
        }
    }
}
